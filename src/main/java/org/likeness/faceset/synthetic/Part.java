package org.likeness.faceset.synthetic;

/** One mesh placed before the camera. */
record Part(
    Mesh mesh,
    float[] view, // (n, 3), millimetres around the pivot
    float[] normal, // (n, 3)
    float[] tangent, // (n, 3) or null
    float[] screen) { // (n, 2), samples

  static Part of(Mesh mesh, Stage stage) {
    float[] view = stage.toView(mesh.position());
    float[] tangent =
        mesh.tangent() == null ? null : stage.turnDirections(mesh.tangent(), mesh.position());
    return new Part(
        mesh,
        view,
        stage.turnDirections(mesh.normal(), mesh.position()),
        tangent,
        stage.toScreen(view));
  }
}
