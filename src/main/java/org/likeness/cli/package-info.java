/** The command line: one class for each command, wiring and words. */
package org.likeness.cli;
