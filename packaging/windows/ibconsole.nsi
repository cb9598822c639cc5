; The installer for Windows. Run by packaging/build.py, which defines VERSION, AUTHORS, SUMMARY, YEAR,
; PAYLOAD, LICENCE, INSTALLER and KILOBYTES.
;
;   setup.exe                       asks for whom: only me (no administrator needed), or everybody
;   setup.exe /S /CurrentUser       silently, for the user
;   setup.exe /S /AllUsers          silently, for everybody; by an administrator
;   ... /D=C:\Some\Folder           last, and without quotes: somewhere else
;   Uninstall.exe /S                silently away again; what was received stays

;
; Exit codes: 3 if ibconsole is running, 4 if an administrator is needed, 5 if the folder is somebody
; else's. Nothing is changed then.

Unicode true
SetCompressor /SOLID lzma
ManifestDPIAware true

!define NAME "ibconsole"
!define UNINSTALL_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${NAME}"

!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_INSTALLMODE_INSTDIR "${NAME}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "Software\${NAME}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallDir"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "Software\${NAME}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "InstallMode"
!define MULTIUSER_INSTALLMODE_FUNCTION KeepFolder
!define MULTIUSER_USE_PROGRAMFILES64
!include MultiUser.nsh
!include MUI2.nsh
!include FileFunc.nsh
!include x64.nsh

!macro AdministratorNeeded done
  MessageBox MB_ICONSTOP \
    "Only an administrator can have ibconsole ${done} for everybody. Nothing was changed." /SD IDOK
  SetErrorLevel 4
  Quit
!macroend

Name "${NAME}"
OutFile "${INSTALLER}"
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "${SUMMARY}"
VIAddVersionKey "CompanyName" "${AUTHORS}"
VIAddVersionKey "LegalCopyright" "${YEAR} ${AUTHORS}"

!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\ibconsole-gui.exe"
!define MUI_FINISHPAGE_RUN_TEXT "Open ibconsole"
!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE StayIfOfOthers
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Var Folder ; what /D said, or where the uninstaller lies

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_ICONSTOP "ibconsole needs 64-bit Windows 10 or newer." /SD IDOK
    Abort
  ${EndIf}
  SetRegView 64
  StrCpy $Folder $INSTDIR
  !insertmacro MULTIUSER_INIT
  ; Who may not install for everybody is installed for alone, without a word, by MultiUser.
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/AllUsers" $1
  ${IfNot} ${Errors}
  ${AndIf} $MultiUser.InstallMode != "AllUsers"
    !insertmacro AdministratorNeeded "installed"
  ${EndIf}
FunctionEnd

; MultiUser has its own idea of the folder, and would forget /D.
Function KeepFolder
  ${If} $Folder != ""
    StrCpy $INSTDIR $Folder
  ${EndIf}
FunctionEnd

; Folders of ours are replaced and removed as a whole: nobody else may have files in them.
Function RequireOurFolder
  ClearErrors
  ${DirState} "$INSTDIR" $0
  ${If} $0 == 1
  ${AndIfNot} ${FileExists} "$INSTDIR\Uninstall.exe"
    MessageBox MB_ICONEXCLAMATION \
      "$INSTDIR has something else in it. Nothing was changed; choose an empty folder." /SD IDOK
    SetErrors
  ${EndIf}
FunctionEnd

Function StayIfOfOthers
  Call RequireOurFolder
  ${If} ${Errors}
    Abort
  ${EndIf}
FunctionEnd

Function un.onInit
  SetRegView 64
  StrCpy $Folder $INSTDIR
  !insertmacro MULTIUSER_UNINIT
  ; MultiUser would take the user's own away if there are both: what goes is where this lies.
  ReadRegStr $0 HKLM "Software\${NAME}" "InstallDir"
  ${If} $0 == $Folder
    Call un.MultiUser.InstallMode.AllUsers
    ${If} $MultiUser.InstallMode != "AllUsers"
      !insertmacro AdministratorNeeded "removed"
    ${EndIf}
  ${Else}
    Call un.MultiUser.InstallMode.CurrentUser
  ${EndIf}
  StrCpy $INSTDIR $Folder
FunctionEnd

; A running program keeps its files open: replacing some of them would leave a broken whole.
!macro RequireEnded prefix
Function ${prefix}RequireEnded
  again:
  IfFileExists "$INSTDIR\ibconsole-gui.exe" 0 ended
  ClearErrors
  FileOpen $0 "$INSTDIR\ibconsole-gui.exe" a
  IfErrors running
  FileClose $0
  ClearErrors
  FileOpen $0 "$INSTDIR\ibconsole.exe" a
  IfErrors running
  FileClose $0
  Goto ended
  running:
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION \
    "ibconsole is running. Close it first: what it is receiving is finished before it ends." \
    /SD IDCANCEL IDRETRY again
  SetErrorLevel 3
  Quit
  ended:
FunctionEnd
!macroend
!insertmacro RequireEnded ""
!insertmacro RequireEnded "un."

Section
  Call RequireEnded
  Call RequireOurFolder
  ${If} ${Errors}
    SetErrorLevel 5
    Quit
  ${EndIf}
  ; What an older version had and this one has not must not stay.
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  SetOutPath "$INSTDIR"
  ; First: what is cut off here is ours all the same, for the next attempt.
  WriteUninstaller "$INSTDIR\Uninstall.exe"
  File /r "${PAYLOAD}/*"

  CreateDirectory "$SMPROGRAMS\${NAME}"
  CreateShortcut "$SMPROGRAMS\${NAME}\ibconsole.lnk" "$INSTDIR\ibconsole-gui.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}\Try the sandbox.lnk" "$INSTDIR\ibconsole-gui.exe" "--demo"

  WriteRegStr SHCTX "Software\${NAME}" "InstallDir" "$INSTDIR"
  WriteRegStr SHCTX "Software\${NAME}" "InstallMode" "$MultiUser.InstallMode"
  WriteRegStr SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\ibconsole.exe" "" \
    "$INSTDIR\ibconsole.exe"
  ; Links (ibconsole://...) are given to the program as its only argument, which it checks.
  WriteRegStr SHCTX "Software\Classes\ibconsole" "" "URL:ibconsole"
  WriteRegStr SHCTX "Software\Classes\ibconsole" "URL Protocol" ""
  WriteRegStr SHCTX "Software\Classes\ibconsole\DefaultIcon" "" "$INSTDIR\ibconsole-gui.exe,0"
  WriteRegStr SHCTX "Software\Classes\ibconsole\shell\open\command" "" \
    '"$INSTDIR\ibconsole-gui.exe" "%1"'
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "DisplayIcon" "$INSTDIR\ibconsole-gui.exe"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "Publisher" "${AUTHORS}"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "UninstallString" \
    '"$INSTDIR\Uninstall.exe"'
  WriteRegStr SHCTX "${UNINSTALL_KEY}" "QuietUninstallString" \
    '"$INSTDIR\Uninstall.exe" /S'
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "EstimatedSize" ${KILOBYTES}
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL_KEY}" "NoRepair" 1
SectionEnd

; Settings, secrets and everything received are the user's, and stay.
Section Uninstall
  Call un.RequireEnded
  RMDir /r "$INSTDIR\_internal"
  RMDir /r "$INSTDIR\licences"
  Delete "$INSTDIR\ibconsole.exe"
  Delete "$INSTDIR\ibconsole-gui.exe"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\Uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}\ibconsole.lnk"
  Delete "$SMPROGRAMS\${NAME}\Try the sandbox.lnk"
  RMDir "$SMPROGRAMS\${NAME}"
  DeleteRegKey SHCTX "${UNINSTALL_KEY}"
  DeleteRegKey SHCTX "Software\${NAME}"
  DeleteRegKey SHCTX "Software\Microsoft\Windows\CurrentVersion\App Paths\ibconsole.exe"
  DeleteRegKey SHCTX "Software\Classes\ibconsole"
SectionEnd
