"""SAEHD's training step as a PyTorch user would write it: by default eager, NCHW, float32.

The peer of StepBenchmark. It follows spec model.md 2 to 5 with default options: forward of src and dst, the
default losses, gradients of their sum over the batch, AdaBelief or RMSprop with foreach operations. The
src-to-dst face, which no default loss reads, is not made.

Prints one line of JSON: step_ms, start_bytes and peak_bytes (resident, null where unknown), activation_bytes (what
autograd keeps for the backward pass, weights aside), threads, version, loss.
"""

import argparse
import json
import math
import time

import torch
import torch.nn.functional as F
from torch import nn


def resident(key):
    """Returns a line of /proc/self/status in bytes, or None: VmRSS now, VmHWM at its highest."""
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith(key + ":"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None


def glorot(layer, fan_in, fan_out):
    limit = math.sqrt(6.0 / (fan_in + fan_out))
    nn.init.uniform_(layer.weight, -limit, limit)
    nn.init.zeros_(layer.bias)
    return layer


def conv(i, o, k, stride=1):
    return glorot(nn.Conv2d(i, o, k, stride, padding=k // 2), i * k * k, o * k * k)


def dense(i, o):
    return glorot(nn.Linear(i, o), i, o)


def depth_to_space(x):  # (n, 4o, h, w) -> (n, o, 2h, 2w), block position slow
    n, c, h, w = x.shape
    return x.view(n, 2, 2, c // 4, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // 4, 2 * h, 2 * w)


class Act(nn.Module):
    def __init__(self, slope, letters):
        super().__init__()
        self.slope, self.cosine = slope, "c" in letters

    def forward(self, x):
        return x * torch.cos(x) if self.cosine else F.leaky_relu(x, self.slope)


class Up(nn.Module):
    def __init__(self, i, o, letters):
        super().__init__()
        self.conv, self.act = conv(i, 4 * o, 3), Act(0.1, letters)

    def forward(self, x):
        return depth_to_space(self.act(self.conv(x)))


class Res(nn.Module):
    def __init__(self, c, letters):
        super().__init__()
        self.conv1, self.conv2, self.act = conv(c, c, 3), conv(c, c, 3), Act(0.2, letters)

    def forward(self, x):
        return self.act(x + self.conv2(self.act(self.conv1(x))))


class Encoder(nn.Module):
    def __init__(self, e, letters):
        super().__init__()

        def down(i, o):
            return [conv(i, o, 5, 2), Act(0.1, letters)]

        layers = down(3, e)
        if "t" in letters:
            layers += [Res(e, letters)]
        layers += down(e, 2 * e) + down(2 * e, 4 * e) + down(4 * e, 8 * e)
        if "t" in letters:
            layers += down(8 * e, 8 * e) + [Res(8 * e, letters)]
        self.layers = nn.Sequential(*layers)
        self.unit = "u" in letters

    def forward(self, x):
        code = self.layers(x).flatten(1)
        return code * torch.rsqrt(code.square().mean(1, keepdim=True) + 1e-6) if self.unit else code


class Inter(nn.Module):
    def __init__(self, length, ae, o, side, letters):
        super().__init__()
        self.shape = (-1, o, side, side)
        self.dense1, self.dense2 = dense(length, ae), dense(ae, side * side * o)
        self.up = nn.Identity() if "t" in letters else Up(o, o, letters)

    def forward(self, code):
        return self.up(self.dense2(self.dense1(code)).view(self.shape))


class Decoder(nn.Module):
    def __init__(self, i, d, m, letters):
        super().__init__()
        widths = [8, 8, 4, 2] if "t" in letters else [8, 4, 2]
        image, mask = [], []
        c = i
        for k in widths:
            image += [Up(c, k * d, letters), Res(k * d, letters)]
            c = k * d
        self.image = nn.Sequential(*image)
        self.heads = nn.ModuleList([conv(c, 3, 1)])
        if "d" in letters:
            self.heads.extend([conv(c, 3, 3) for _ in range(3)])
        c = i
        for k in widths + ([1] if "d" in letters else []):
            mask += [Up(c, k * m, letters)]
            c = k * m
        self.mask = nn.Sequential(*mask, conv(c, 1, 1))

    def forward(self, z):
        x = self.image(z)
        x = torch.cat([head(x) for head in self.heads], 1)
        x = depth_to_space(x) if len(self.heads) > 1 else x
        return torch.sigmoid(x), torch.sigmoid(self.mask(z))


class Saehd(nn.Module):
    def __init__(self, archi, resolution, ae, e, d, m):
        super().__init__()
        family, _, letters = archi.partition("-")
        side = resolution // (32 if "d" in letters else 16)
        length = 8 * e * (resolution // (32 if "t" in letters else 16)) ** 2
        self.liae = family == "liae"
        self.encoder = Encoder(e, letters)
        if self.liae:
            self.inter_ab = Inter(length, ae, 2 * ae, side, letters)
            self.inter_b = Inter(length, ae, 2 * ae, side, letters)
            self.decoder = Decoder(4 * ae, d, m, letters)
        else:
            self.inter = Inter(length, ae, ae, side, letters)
            self.decoder_src = Decoder(ae, d, m, letters)
            self.decoder_dst = Decoder(ae, d, m, letters)

    def forward(self, src, dst):
        src, dst = self.encoder(src), self.encoder(dst)
        if self.liae:
            a_src, a_dst, b_dst = self.inter_ab(src), self.inter_ab(dst), self.inter_b(dst)
            return (
                self.decoder(torch.cat([a_src, a_src], 1)),
                self.decoder(torch.cat([b_dst, a_dst], 1)),
            )
        return self.decoder_src(self.inter(src)), self.decoder_dst(self.inter(dst))


def gaussian(size, sigma, center):  # (size,), sums to 1
    x = torch.exp(-((torch.arange(size, dtype=torch.float64) - center) ** 2) / (2 * sigma**2))
    return (x / x.sum()).float()


class Loss:
    """One side's loss per sample: DSSIM at one or two window sizes, MSE under the soft mask, mask MSE."""

    def __init__(self, resolution, device="cpu", separable=False):
        self.separable = separable
        sigma = max(1, resolution // 32)
        size = max(3, 4 * sigma)
        size += 1 - size % 2
        self.blur = gaussian(size, sigma, size // 2).to(device)
        sizes = [int(resolution / 11.6)] + ([int(resolution / 23.2)] if resolution >= 256 else [])
        self.windows = [gaussian(s, 1.5, (s - 1) / 2).to(device) for s in sizes]

    def depthwise(self, x, line, padding=0):
        c = x.shape[1]
        if not self.separable:
            kernel = torch.outer(line, line).expand(c, 1, -1, -1)
            return F.conv2d(x, kernel, padding=padding, groups=c)
        x = F.conv2d(x, line.view(1, 1, -1, 1).expand(c, -1, -1, -1), padding=(padding, 0), groups=c)
        return F.conv2d(x, line.view(1, 1, 1, -1).expand(c, -1, -1, -1), padding=(0, padding), groups=c)

    def dssim(self, x, y, window):
        depthwise = self.depthwise
        c1, c2 = 1e-4, 9e-4
        mean_x, mean_y = depthwise(x, window), depthwise(y, window)
        product, squares = 2 * mean_x * mean_y, mean_x**2 + mean_y**2
        luminance = (product + c1) / (squares + c1)
        contrast = (2 * depthwise(x * y, window) - product + c2) / (
            depthwise(x**2 + y**2, window) - squares + c2
        )
        return ((1 - (luminance * contrast).mean((2, 3))) / 2).mean(1)

    def __call__(self, target, mask, face, face_mask):
        face, face_mask = face.float(), face_mask.float()
        soft = 2 * self.depthwise(mask, self.blur, self.blur.shape[0] // 2).clamp(0, 0.5)
        target, face = target * soft, face * soft
        loss = 10 * ((target - face) ** 2).mean((1, 2, 3)) + 10 * ((mask - face_mask) ** 2).mean((1, 2, 3))
        for window in self.windows:
            loss = loss + 10 / len(self.windows) * self.dssim(target, face, window)
        return loss


class Optimizer:
    """AdaBelief or RMSprop without bias correction, epsilon outside the root (spec model.md 5)."""

    def __init__(self, parameters, rule, lr=5e-5):
        self.parameters, self.rule, self.lr = list(parameters), rule, lr
        self.v = [torch.zeros_like(p) for p in self.parameters]
        self.m = [torch.zeros_like(p) for p in self.parameters] if rule == "adabelief" else None

    @torch.no_grad()
    def step(self):
        g = [p.grad for p in self.parameters]
        if self.rule == "adabelief":
            torch._foreach_lerp_(self.m, g, 0.1)
            deviation = torch._foreach_sub(g, self.m)
            torch._foreach_mul_(self.v, 0.999)
            torch._foreach_addcmul_(self.v, deviation, deviation, 0.001)
            g = self.m
        else:
            torch._foreach_mul_(self.v, 0.9)
            torch._foreach_addcmul_(self.v, g, g, 0.1)
        root = torch._foreach_sqrt(self.v)
        torch._foreach_add_(root, 1e-6)
        torch._foreach_addcdiv_(self.parameters, g, root, -self.lr)
        for p in self.parameters:
            p.grad = None


def batch(n, resolution):
    """Images of noise and a disc for a mask."""
    axis = torch.linspace(-1, 1, resolution)
    disc = (axis[:, None] ** 2 + axis[None, :] ** 2 < 0.6).float().expand(n, 1, -1, -1).contiguous()
    images = [torch.rand(n, 3, resolution, resolution) for _ in range(4)]
    return images[0], images[1], disc, images[2], images[3], disc


def losses_of(model, loss, bf16, faces):
    warped_src, target_src, mask_src, warped_dst, target_dst, mask_dst = faces
    with torch.autocast(warped_src.device.type, torch.bfloat16, enabled=bf16):
        src, dst = model(warped_src, warped_dst)
    with torch.autocast(warped_src.device.type, enabled=False):
        return loss(target_src, mask_src, *src), loss(target_dst, mask_dst, *dst)


def step(forward, optimizer, faces):
    src_loss, dst_loss = forward(faces)
    (src_loss + dst_loss).sum().backward()
    optimizer.step()
    return src_loss.mean().item(), dst_loss.mean().item()


def kept_for_backward(model, loss, faces):
    """Returns the bytes of all storages that autograd keeps between the passes, weights not among them."""
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    kept = {}

    def pack(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            kept[storage.data_ptr()] = storage.nbytes()
        return tensor

    warped_src, target_src, mask_src, warped_dst, target_dst, mask_dst = faces
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        src, dst = model(warped_src, warped_dst)
        total = (loss(target_src, mask_src, *src) + loss(target_dst, mask_dst, *dst)).sum()
    del total
    return sum(kept.values())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archi", default="df-ud")
    parser.add_argument("--resolution", type=int, default=64)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--dims", type=int, nargs=4, default=[64, 32, 32, 16], help="ae, e, d, mask")
    parser.add_argument("--optimizer", choices=["adabelief", "rmsprop"], default="adabelief")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--warmup", type=int, default=5)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--tf32", action="store_true", help="let tensor cores round f32 operands")
    parser.add_argument("--bf16", action="store_true", help="autocast to bf16, channels last")
    parser.add_argument("--compile", action="store_true", help="compile the forward and backward pass with CUDA graphs")
    parser.add_argument("--separable", action="store_true", help="DSSIM and blur along rows, then columns")
    args = parser.parse_args()

    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = args.tf32
    torch.backends.cudnn.benchmark = True
    cuda = args.device.startswith("cuda")
    start = resident("VmRSS")
    model = Saehd(args.archi, args.resolution, *args.dims).to(args.device)
    faces = [x.to(args.device) for x in batch(args.batch, args.resolution)]
    if args.bf16:
        model = model.to(memory_format=torch.channels_last)
        faces = [x.contiguous(memory_format=torch.channels_last) for x in faces]
    loss = Loss(args.resolution, args.device, args.separable)
    optimizer = Optimizer(model.parameters(), args.optimizer)

    def forward(faces):
        return losses_of(model, loss, args.bf16, faces)

    if args.compile:
        forward = torch.compile(forward, mode="reduce-overhead" if cuda else "default")
    times = []
    for i in range(args.warmup + args.steps):
        begin = time.perf_counter()
        losses = step(forward, optimizer, faces)
        if i >= args.warmup:
            times.append((time.perf_counter() - begin) * 1e3)
    result = {
        "step_ms": times,
        "start_bytes": start,
        "peak_bytes": resident("VmHWM"),
        "activation_bytes": kept_for_backward(model, loss, faces),
        "threads": args.threads,
        "version": "PyTorch " + torch.__version__,
        "loss": losses,
    }
    if cuda:
        result["version"] += ", " + torch.cuda.get_device_name()
        result["device_bytes"] = torch.cuda.max_memory_allocated()
        result["reserved_bytes"] = torch.cuda.max_memory_reserved()
    print(json.dumps(result))


if __name__ == "__main__":
    main()
