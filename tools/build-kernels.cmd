@echo off
call "%~dp0run-tool.cmd" org.likeness.kernels.BuildKernels %*
