@echo off
rem Runs Likeness on Windows: finds a JDK, builds what changed, and hands over to java.
rem The script likeness beside this one does the same on Linux and says what the variables mean.
setlocal EnableExtensions DisableDelayedExpansion
set "needed=25"
set "root=%~dp0"
set "out=%root%target\launcher"

set "jdk="
if defined JAVA_HOME call :consider "%JAVA_HOME%"
for /d %%d in (
  "%ProgramFiles%\Eclipse Adoptium\jdk-*"
  "%ProgramFiles%\Java\jdk*"
  "%ProgramFiles%\Microsoft\jdk-*"
  "%ProgramFiles%\Zulu\zulu*"
  "%ProgramFiles%\Amazon Corretto\jdk*"
  "%ProgramFiles%\BellSoft\LibericaJDK*"
  "%ProgramFiles%\OpenJDK\jdk*"
  "%LocalAppData%\Programs\Eclipse Adoptium\jdk-*"
  "%UserProfile%\.jdks\*"
  "%UserProfile%\.gradle\jdks\*"
  "%UserProfile%\scoop\apps\*jdk*"
) do call :consider "%%~d" & call :consider "%%~d\current"
for /f "delims=" %%j in ('where javac.exe 2^>nul') do call :consider "%%~dpj.."
if not defined jdk goto nojdk

rem A list of the sources with their times and sizes is kept from each build: any difference is a reason for the next.
if not exist "%out%" mkdir "%out%"
set "sources=%out%\sources"
call :list > "%sources%.now"
if not exist "%sources%.now" goto readonly
fc /b "%sources%.now" "%sources%" >nul 2>nul
if not errorlevel 1 goto run

set "maven="
for /f "delims=" %%m in ('where mvn.cmd 2^>nul') do if not defined maven set "maven=%%m"
if not defined maven if defined MAVEN_HOME if exist "%MAVEN_HOME%\bin\mvn.cmd" set "maven=%MAVEN_HOME%\bin\mvn.cmd"
if not defined maven goto nomaven
echo likeness: building (once)... 1>&2
set "log=%out%\build.log"
set "JAVA_HOME=%jdk%"
rem other versions of the same jars must not stay beside the new ones
fc /b "%root%pom.xml" "%out%\pom" >nul 2>nul
if errorlevel 1 if exist "%out%\lib" rmdir /s /q "%out%\lib"
call "%maven%" -q -B -ntp -Dstyle.color=never -Dlauncher -f "%root%pom.xml" process-classes > "%log%" 2>&1 < nul
if errorlevel 1 goto failed
copy /y "%root%pom.xml" "%out%\pom" >nul
copy /y "%sources%.now" "%sources%" >nul

:run
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=passive"
"%jdk%\bin\java.exe" --enable-native-access=ALL-UNNAMED -Xmx768m -XX:+UseSerialGC -Dorg.bytedeco.javacpp.maxBytes=0 -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 %LIKENESS_JAVA_OPTS% -cp "%out%\classes;%out%\lib\*" org.likeness.cli.Main %*
exit /b %errorlevel%

rem Prints a line for each source: time, size, path.
:list
for %%f in ("%root%pom.xml") do echo %%~tf %%~zf %%f
for /r "%root%src\main" %%f in (*) do echo %%~tf %%~zf %%f
exit /b 0

rem Takes the folder in %1 as the JDK if none was taken before and it is new enough.
:consider
if defined jdk exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
if not exist "%~1\release" exit /b 0
set "version=0"
for /f "usebackq tokens=1,2 delims==" %%k in ("%~1\release") do if "%%k"=="JAVA_VERSION" set "version=%%~l"
for /f "delims=.-+" %%v in ("%version%") do set "version=%%v"
if %version% geq %needed% set "jdk=%~f1"
exit /b 0

:nojdk
echo likeness: found no JDK %needed% or newer in JAVA_HOME, the usual folders or PATH. 1>&2
echo Install one ^(for example: winget install EclipseAdoptium.Temurin.%needed%.JDK^), or set JAVA_HOME to it. 1>&2
exit /b 1

:nomaven
echo likeness: to build Likeness, install Apache Maven 3.6.3 or newer and put its bin folder on PATH. 1>&2
exit /b 1

:readonly
echo likeness: cannot write to "%out%": make that folder writable. 1>&2
exit /b 1

:failed
set "skip=0"
for /f %%n in ('find /c /v "" ^< "%log%"') do set /a "skip=%%n - 20"
if %skip% lss 0 set "skip=0"
more +%skip% "%log%" 1>&2
echo likeness: the build failed; the whole log is "%log%". 1>&2
exit /b 1
