/**
 * Heads that nobody has: a parametric sculpture, its rig and paint, a software renderer, and
 * facesets of them whose swaps have a known answer.
 */
package org.likeness.faceset.synthetic;
