// targets: 75
//
// Feeds: the batch of the next step is uploaded while this step runs, so each feed has two places
// ("slots") beside the slab and a step begins by copying the current one's into the plan's memory.
// Which one is current is a number on the device: the same captured graph serves both.
//
// One thread moves 16 bytes; roofline: 2 bytes of traffic per byte of feed.

typedef unsigned char u8;
typedef unsigned long long u64;

// slots: two places `slot_bytes` apart; current: 0 or 1; feed: `bytes` bytes. All 16-aligned.
extern "C" __global__ void __launch_bounds__(256)
    feed_take(const u8* slots, u64 slot_bytes, const unsigned* current, u8* feed, u64 bytes) {
  const u8* from = slots + (*current ? slot_bytes : 0);
  u64 i = ((u64)blockIdx.x * blockDim.x + threadIdx.x) * 16;
  if (i + 16 <= bytes) {
    *(uint4*)(feed + i) = *(const uint4*)(from + i);
  } else {
    for (; i < bytes; ++i) {
      feed[i] = from[i];
    }
  }
}

// Ends a step: the next one reads the other slot.
extern "C" __global__ void feed_flip(unsigned* current) { *current ^= 1; }
