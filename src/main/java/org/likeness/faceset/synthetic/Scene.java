package org.likeness.faceset.synthetic;

/** Everything about a picture of a head but whose head it is. */
public record Scene(
    Expression expression, Pose pose, Camera camera, Light light, Background background) {}
