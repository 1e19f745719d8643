/* softcudnn's own controls, exported by its libcudnn.so.9 and its libcublasLt.so.12 beside what they
   fake: what each claims to be, which call fails, and why the last one was refused. Texts are the
   library's and live until the thread's next call. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Forgets every handle, descriptor and counter and starts again with these settings: key=value,
   separated by newlines or semicolons. Both libraries know them all.

     version=92800        what cudnnGetVersion says; attributes that came with a newer one are refused
     cublaslt=120405      what cublasLtGetVersion says
     cudart=12040         the CUDA runtime that both were built with
     engines=             the engines that the heuristics name, in their order, by number (engine.cpp); empty: all
     only_plain=0         1: no engine computes a graph of more than one operation
     nondeterministic=0   1: every engine is marked NONDETERMINISTIC, and every algorithm splits K in place
     workspace=67108864   bytes that the engine with large tiles asks for
     fail=0               the n-th call from now fails
     failcode=4000        with this status
     failin=              counting calls of this function alone; empty: all
     trace=0              1: each call that is refused is printed with the reason

   Returns NULL, or a sentence that says what is wrong with them. */
const char *softcudnn_reset(const char *settings);

/* The n-th call of a function from now ("": of any) fails with this status; 0 takes that back. */
void softcudnn_fail_in(const char *function, int64_t nth, int status);

/* Calls of one function since the reset. */
int64_t softcudnn_count(const char *function);

/* Why the last refused call was refused, or "". */
const char *softcudnn_last_refusal(void);

/* Handles and descriptors that were created and not destroyed, a line each. */
const char *softcudnn_live_objects(void);

#ifdef __cplusplus
}
#endif
