/** Sessions: the loop, checkpoints, previews, scores, and the replay of golden files. */
package org.likeness.train;
