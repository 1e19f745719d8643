/* softcuda's own controls, exported by its libcuda.so.1 beside the driver API: what device it claims to
   be, which call fails, and what it saw. Texts are the library's and live until the thread's next call. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Forgets every context, handle and counter and starts again with these settings over those of the
   environment variable SOFTCUDA. `settings` holds key=value, separated by newlines or semicolons:

     devices=1            how many devices there are; 0: cuInit answers 100
     cc=80                compute capability: 70 75 80 86 89 90 100 120
     name=softcuda        the device's name
     memory=2GiB          bytes of each device (KiB, MiB and GiB are understood)
     used=0               bytes that other programs hold of it
     driver=12040         what cuDriverGetVersion says; PTX newer than it is refused with 222
     init=0               what cuInit returns
     checks=memory,init,race   or a part of these, or none
     seed=1               order of blocks, of warps and of graph nodes that do not depend on each other
     threads=0            processors for a launch; 0: all
     eager=0              1: work runs when it is queued; 0: as late as the API allows
     mma=0                0: f64 sums rounded once; 80, 90: the hardware's model
     perturb=0            share of the promised error by which .approx results are shifted
     registers=           a report.json of tools/kernel-report: registers of a kernel; others have 32
     fail=0               the n-th driver call from now fails
     failcode=999         with this code
     trace=0              1: each call that is refused is printed with the reason
     accept=0             1: cuLaunchKernel reads the parameters of a kernel and does nothing else, so that what
                          stands before the driver can be timed; one thread at a time

   Whether cuInit was called is kept. Returns NULL, or a sentence that says what is wrong with them. */
const char *softcuda_reset(const char *settings);

/* The n-th driver call from now fails with this code; 0 takes that back. A call that releases something
   releases it all the same. A sticky code (700, 719...) stays in the current context. */
void softcuda_fail(int64_t nth, int code);

/* The same, counting the calls of one function by its exported name. */
void softcuda_fail_in(const char *function, int64_t nth, int code);

/* Driver calls since the reset, all but cuGetErrorName, cuGetErrorString and cuGetProcAddress_v2. */
int64_t softcuda_calls(void);

/* Calls of one function by its exported name; "kernels" counts the kernels that ran. */
int64_t softcuda_count(const char *function);

/* Bytes of device memory that clients hold now, and the most since the reset, over all devices. */
int64_t softcuda_allocated(void);
int64_t softcuda_peak(void);

/* What is alive and was not released, a line each, and what was alive when its context ended. */
const char *softcuda_live_objects(void);

/* What the first fault of a kernel or copy was, or "". */
const char *softcuda_last_fault(void);

/* Why the last refused call was refused, or "". */
const char *softcuda_last_refusal(void);

/* Marks device bytes as never written: a read of them is a fault. Returns 0, or 1 outside of memory. */
int softcuda_forget(uint64_t address, uint64_t bytes);

/* Calls cuLaunchKernel `times` times for one block of one thread from C, and returns the nanoseconds of all,
   or -1 if one was refused. */
int64_t softcuda_time_launches(void *function, void *stream, void **parameters, int64_t times);

/* Bytes of a device that others or clients hold, and its whole memory (for the fake of NVML). */
int softcuda_device_count(void);
const char *softcuda_device_name(void);
int softcuda_driver_version(void);
uint64_t softcuda_device_memory(int device, uint64_t *used);

/* Work of another library, such as a fake of cuDNN. It runs when a kernel queued in its place would, and
   is counted, captured into a graph and replayed as one. `drop` is called once when it cannot run again,
   also where this call is refused. Returns a CUresult. */
int softcuda_enqueue(void *stream, const char *name, void (*run)(void *data), void *data, void (*drop)(void *data));

/* For such work while it runs: where in host memory device bytes lie that it reads, which must have been
   written, or that it writes, all of them. `what` names them in a fault. NULL, where a kernel would fault:
   the work must return, and the driver then tells of the fault. */
const void *softcuda_read(uint64_t address, uint64_t bytes, const char *what);
void *softcuda_write(uint64_t address, uint64_t bytes, const char *what);

#ifdef __cplusplus
}
#endif
