/**
 * Finds native libraries and links their functions: the only user of {@code Linker} and {@code
 * SymbolLookup}.
 */
package org.likeness.ffi;
