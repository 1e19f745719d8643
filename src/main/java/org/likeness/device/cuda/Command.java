package org.likeness.device.cuda;

/**
 * One thing that a step asks of a stream, as data: what a lowering returns, and what a step is
 * captured from.
 */
sealed interface Command permits Launch, EngineCall {}
