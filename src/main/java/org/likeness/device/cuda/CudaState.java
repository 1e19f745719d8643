package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.cuda.PinnedMemory;
import org.likeness.device.Slabs;
import org.likeness.device.State;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;

/**
 * Parameters and slots on a GPU, one allocation for each of the two pools, with the stream and the
 * slab that its programs share.
 */
final class CudaState implements State {
  /** A tensor and where it lies in its pool. */
  private record Entry(Tensor tensor, long offset) {}

  private final CudaDevice device;
  private final Owned owned = new Owned();
  private final Map<Role, DeviceMemory> pools = new EnumMap<>(Role.class);
  private PinnedMemory host; // null where every slot lies on the card
  private long hostAddress; // as kernels see it
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final CudaStream compute;
  private final Slabs<DeviceMemory> slabs;

  CudaState(CudaDevice device, List<Tensor> tensors, DeviceProfile profile, CudaStream stream) {
    this.device = device;
    slabs = new Slabs<>(bytes -> device.allocate("activations", bytes), DeviceMemory::bytes);
    try {
      compute = owned.add(device.context().stream());
      place(tensors, profile, stream);
    } catch (RuntimeException e) {
      throw owned.closeAfter(e);
    }
  }

  private void place(List<Tensor> tensors, DeviceProfile profile, CudaStream stream) {
    for (Role role : List.of(Role.PARAMETER, Role.SLOT, Role.HOST_SLOT)) {
      long bytes = 0;
      for (Tensor t : tensors) {
        if (t.role() == role) {
          entries.put(t.name(), new Entry(t, bytes));
          bytes += profile.bytes(t);
        }
      }
      if (bytes > 0 && role == Role.HOST_SLOT) {
        host = owned.add(device.context().pin(bytes));
        host.segment().fill((byte) 0);
        hostAddress = host.deviceAddress();
      } else if (bytes > 0) {
        DeviceMemory pool = owned.add(device.allocate(role.pool(), bytes));
        pools.put(role, pool);
        stream.fill(pool.address(), (byte) 0, bytes);
      }
    }
    stream.synchronize();
  }

  /** Returns the stream on which all programs run: what one writes, the next one reads. */
  CudaStream compute() {
    return compute;
  }

  /** Lends the slab to one program. */
  Slabs<DeviceMemory>.Loan slab(long bytes) {
    return slabs.borrow(bytes);
  }

  /** Returns the addresses of these tensors by id, or refuses one that is not held so. */
  Map<Integer, Long> addresses(List<Tensor> wanted) {
    Map<Integer, Long> addresses = new HashMap<>();
    for (Tensor t : wanted) {
      Entry entry = entry(t.name());
      Tensor held = entry.tensor();
      if (!held.shape().equals(t.shape()) || held.dtype() != t.dtype() || held.role() != t.role()) {
        throw new IllegalArgumentException(
            "the state holds " + held + " where " + t + " is wanted");
      }
      addresses.put(t.id(), address(t.role()) + entry.offset());
    }
    return addresses;
  }

  private long address(Role role) {
    return role == Role.HOST_SLOT ? hostAddress : pools.get(role).address();
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new IllegalArgumentException("the state has no tensor " + name);
    }
    return entry;
  }

  @Override
  public List<Tensor> tensors() {
    return entries.values().stream().map(Entry::tensor).toList();
  }

  @Override
  public void write(String name, MemorySegment dense) {
    Entry e = entry(name);
    CudaProgram.expectBytes(e.tensor(), dense);
    device.synchronize();
    if (e.tensor().role() == Role.HOST_SLOT) {
      MemorySegment.copy(dense, 0, host.segment(), e.offset(), dense.byteSize());
    } else {
      pools.get(e.tensor().role()).write(e.offset(), dense);
    }
  }

  @Override
  public void read(String name, MemorySegment dense) {
    Entry e = entry(name);
    CudaProgram.expectBytes(e.tensor(), dense);
    device.synchronize();
    if (e.tensor().role() == Role.HOST_SLOT) {
      MemorySegment.copy(host.segment(), e.offset(), dense, 0, dense.byteSize());
    } else {
      pools.get(e.tensor().role()).read(e.offset(), dense);
    }
  }

  @Override
  public long bytes() {
    return pools.values().stream().mapToLong(DeviceMemory::bytes).sum();
  }

  @Override
  public void close() {
    owned.close();
  }
}
