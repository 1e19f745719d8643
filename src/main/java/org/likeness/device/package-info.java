/** The contract that a device meets: load a planned graph, run it, report memory. */
package org.likeness.device;
