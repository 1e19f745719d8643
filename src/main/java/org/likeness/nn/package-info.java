/** Layers, initialisers, losses and optimisers as builders of graphs; nothing about faces. */
package org.likeness.nn;
