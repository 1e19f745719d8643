/** Opens devices by name. */
package org.likeness.runtime;
