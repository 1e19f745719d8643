/** SAEHD as graphs: architecture, networks, losses, the training step and the swap. */
package org.likeness.saehd;
