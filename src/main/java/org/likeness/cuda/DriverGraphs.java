package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;

/** The functions of the driver that capture a stream's work and replay it. */
record DriverGraphs(
    MemorySegment streamBeginCapture,
    MemorySegment streamEndCapture,
    MemorySegment graphInstantiateWithFlags,
    MemorySegment graphUpload,
    MemorySegment graphLaunch,
    MemorySegment graphExecUpdate,
    MemorySegment graphGetNodes,
    MemorySegment graphDebugDotPrint,
    MemorySegment graphExecDestroy,
    MemorySegment graphDestroy) {
  // CUresult cuStreamBeginCapture_v2(CUstream hStream, CUstreamCaptureMode mode)
  private static final MethodHandle STREAM_BEGIN_CAPTURE = C.function(C.INT, C.HANDLE, C.INT);
  // CUresult cuStreamEndCapture(CUstream hStream, CUgraph *phGraph)
  private static final MethodHandle STREAM_END_CAPTURE = C.function(C.INT, C.HANDLE, C.POINTER);
  // CUresult cuGraphInstantiateWithFlags(CUgraphExec *phGraphExec, CUgraph hGraph,
  //     unsigned long long flags)
  private static final MethodHandle GRAPH_INSTANTIATE_WITH_FLAGS =
      C.function(C.INT, C.POINTER, C.HANDLE, C.INT64);
  // CUresult cuGraphUpload(CUgraphExec hGraphExec, CUstream hStream)
  private static final MethodHandle GRAPH_UPLOAD = C.function(C.INT, C.HANDLE, C.HANDLE);
  // CUresult cuGraphLaunch(CUgraphExec hGraphExec, CUstream hStream)
  private static final MethodHandle GRAPH_LAUNCH = C.function(C.INT, C.HANDLE, C.HANDLE);
  // CUresult cuGraphExecUpdate_v2(CUgraphExec hGraphExec, CUgraph hGraph,
  //     CUgraphExecUpdateResultInfo *resultInfo)
  private static final MethodHandle GRAPH_EXEC_UPDATE =
      C.function(C.INT, C.HANDLE, C.HANDLE, C.POINTER);
  // CUresult cuGraphGetNodes(CUgraph hGraph, CUgraphNode *nodes, size_t *numNodes)
  private static final MethodHandle GRAPH_GET_NODES =
      C.function(C.INT, C.HANDLE, C.POINTER, C.POINTER);
  // CUresult cuGraphDebugDotPrint(CUgraph hGraph, const char *path, unsigned int flags)
  private static final MethodHandle GRAPH_DEBUG_DOT_PRINT =
      C.function(C.INT, C.HANDLE, C.POINTER, C.INT);
  // CUresult cuGraphExecDestroy(CUgraphExec hGraphExec)
  private static final MethodHandle GRAPH_EXEC_DESTROY = C.function(C.INT, C.HANDLE);
  // CUresult cuGraphDestroy(CUgraph hGraph)
  private static final MethodHandle GRAPH_DESTROY = C.function(C.INT, C.HANDLE);

  static DriverGraphs of(Symbols symbols) {
    return new DriverGraphs(
        symbols.address("cuStreamBeginCapture_v2"),
        symbols.address("cuStreamEndCapture"),
        symbols.address("cuGraphInstantiateWithFlags"),
        symbols.address("cuGraphUpload"),
        symbols.address("cuGraphLaunch"),
        symbols.address("cuGraphExecUpdate_v2"),
        symbols.address("cuGraphGetNodes"),
        symbols.address("cuGraphDebugDotPrint"),
        symbols.address("cuGraphExecDestroy"),
        symbols.address("cuGraphDestroy"));
  }

  int streamBeginCapture(long stream, int mode) {
    try {
      return (int) STREAM_BEGIN_CAPTURE.invokeExact(streamBeginCapture, stream, mode);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int streamEndCapture(long stream, MemorySegment out) {
    try {
      return (int) STREAM_END_CAPTURE.invokeExact(streamEndCapture, stream, out);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int graphInstantiateWithFlags(MemorySegment out, long graph, long flags) {
    try {
      return (int)
          GRAPH_INSTANTIATE_WITH_FLAGS.invokeExact(graphInstantiateWithFlags, out, graph, flags);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int graphUpload(long graphExec, long stream) {
    try {
      return (int) GRAPH_UPLOAD.invokeExact(graphUpload, graphExec, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int graphLaunch(long graphExec, long stream) {
    try {
      return (int) GRAPH_LAUNCH.invokeExact(graphLaunch, graphExec, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int graphExecUpdate(long graphExec, long graph, MemorySegment resultInfo) {
    try {
      return (int) GRAPH_EXEC_UPDATE.invokeExact(graphExecUpdate, graphExec, graph, resultInfo);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int graphGetNodes(long graph, MemorySegment nodes, MemorySegment numNodes) {
    try {
      return (int) GRAPH_GET_NODES.invokeExact(graphGetNodes, graph, nodes, numNodes);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int graphDebugDotPrint(long graph, MemorySegment path, int flags) {
    try {
      return (int) GRAPH_DEBUG_DOT_PRINT.invokeExact(graphDebugDotPrint, graph, path, flags);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int graphExecDestroy(long graphExec) {
    try {
      return (int) GRAPH_EXEC_DESTROY.invokeExact(graphExecDestroy, graphExec);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int graphDestroy(long graph) {
    try {
      return (int) GRAPH_DESTROY.invokeExact(graphDestroy, graph);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
