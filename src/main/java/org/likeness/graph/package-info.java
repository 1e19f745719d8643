/**
 * A training step as data: tensors, operations and the passes that turn a description into a plan.
 * Nothing here knows a device, native memory or a clock.
 */
package org.likeness.graph;
