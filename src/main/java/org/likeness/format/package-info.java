/**
 * Pickle and safetensors: bytes to values and back, with every length checked before it is used.
 */
package org.likeness.format;
