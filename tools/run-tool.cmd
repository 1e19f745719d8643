@echo off
rem Compiles one of the tools in src\test\java and hands over to it: run-tool CLASS [argument...].
setlocal EnableExtensions DisableDelayedExpansion
cd /d "%~dp0.."
if not defined JAVA_HOME goto nojdk
if not exist "%JAVA_HOME%\bin\javac.exe" goto nojdk
set "class=%~1"
set "file=%class:.=\%"
if not exist target\tools mkdir target\tools
"%JAVA_HOME%\bin\javac.exe" -nowarn -Xlint:none -proc:none -d target\tools -sourcepath "src\main\java;src\test\java" "src\test\java\%file%.java"
if errorlevel 1 exit /b 1
set "rest="
:next
shift
if "%~1"=="" goto run
set "rest=%rest% %1"
goto next
:run
"%JAVA_HOME%\bin\java.exe" --enable-native-access=ALL-UNNAMED -cp target\tools %class%%rest%
exit /b %errorlevel%

:nojdk
echo run-tool: set JAVA_HOME to a JDK 25 or newer. 1>&2
exit /b 1
