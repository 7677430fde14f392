// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// What intruders leave on Windows servers beside a shell: launchers, scripts,
// command lines and configuration of their tools.

rule MAL_PS_Web_Download_Execute {
    meta:
        description = "Detects PowerShell that downloads text and runs it, with the invocation written by aliases, pipes, script blocks or members in odd spellings"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        mitre_att = "T1059.001"
        mitre_att = "T1105"
        id = "4f3165c8-d5bf-503a-b39f-f146c5af62d2"
    strings:
        $a = /(iex|invoke-expression|&\s?\(\s?["']i["']?\s?\+?|\.\s?invoke\s?\()[^\r\n]{0,60}(net\.webclient|downloadstring|invoke-webrequest|invoke-restmethod|downloaddata|start-bitstransfer)[^\r\n]{0,120}:\/\// ascii wide nocase
        $b = /(downloadstring|invoke-webrequest|invoke-restmethod|iwr |irm )[^\r\n|]{0,160}:\/\/[^\r\n|]{1,160}\|\s?(iex|invoke-expression|&|\.\s?\()/ ascii wide nocase
        $c = /\[scriptblock\]::create\s?\([^\r\n]{0,60}(downloadstring|iwr|irm|frombase64string|getstring)/ ascii wide nocase
        $fp1 = /(chocolatey|get\.scoop|psget|aka\.ms|dot\.net|astral\.sh|rustup|deno\.land|install\.ps1|bun\.sh|get-pip|github\.com\/\w{2,40}\/\w{2,40}\/releases)/ ascii wide nocase
        $a2 = /(iex |iex\(|invoke-expression)[\s(&'"`$]{0,12}(iwr |irm |iwr\(|irm\()[^\r\n]{0,80}:\/\// ascii wide nocase
    condition:
        filesize < 2MB
        and any of ($a, $a2, $b, $c)
        and not $fp1
}

rule SUSP_PS_Obfuscated_Tokens {
    meta:
        description = "Detects PowerShell hidden by format operators, back ticks, reversed or joined characters and environment substrings in several places of one text"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        reference = "https://attack.mitre.org/techniques/T1027/010/"
        mitre_att = "T1059.001"
        mitre_att = "T1027.010"
        id = "a13ab6e4-dc57-5271-8064-774e86225509"
    strings:
        $a = /(\{0\}\{1\}|\{1\}\{0\}|\{2\}\{0\}|\{2\}\{1\}|\{0\}\{2\}|\{1\}\{2\}|\{3\}\{)[{}0-9]{3,120}["']\s?\)?\s?-f\s?["']/ nocase
        $b = /(i[`]ex |ie[`]x |i[`]e[`]x|in[`]v|inv[`]o|i[`]nv|n[`]vo|n[`]ew-|ne[`]w-|new-[`]o|new-o[`]b|do[`]wn|down[`]l|d[`]own|we[`]bc|webc[`]l|s[`]tring\()/ nocase
        $c = /-join\s?\(?\s?\(?\s?(\d{2,3}\s?,\s?){6}|\[char\]\s?\(?\s?\d{2,3}\s?\)?\s?\+\s?\[char\]\s?\(?\s?\d{2,3}\s?\)?\s?\+\s?\[char\]/ nocase
        $d = /\$env:\w{4,14}\[\d{1,2}(,\d{1,2}){1,4}\]|\$pshome\[\d{1,2}\]\s?\+|\$verbosepreference\.tostring\(\)\[\d/ nocase
        $e = /(\[array\]::reverse|-join\s?\$\w{1,12}\[-1\.\.-|\.\.0\]\s?-join)/ nocase
        $x = /(iex |iex\(|\|iex|\| iex|i[`]ex|invoke|frombase64|downloadstring)/ nocase
    condition:
        filesize < 2MB
        and ($x or $b)
        and (2 of ($a, $b, $c, $d, $e) or #a > 3 or #b > 3 or #d > 2)
}

rule MAL_PS_Service_Or_Task_Persistence {
    meta:
        description = "Detects command lines that create a service, scheduled task or run key whose program is an encoded or hidden script host"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1053/005/"
        reference = "https://attack.mitre.org/techniques/T1053/005/"
        mitre_att = "T1053.005"
        mitre_att = "T1543.003"
        id = "fca51238-3f6f-5a86-8add-c357d4649dab"
    strings:
        $a = /schtasks(\.exe)?\s[^\r\n]{0,40}\/create[^\r\n]{0,200}\/tr[^\r\n]{0,60}(powershell|pwsh|mshta|wscript|cscript|rundll32|regsvr32|certutil|cmd(\.exe)?\s{1,2}\/c)[^\r\n]{0,160}(-e(nc|ncodedcommand|c)?\s|hidden|bypass|https?:|javascript|\\temp\\|\\public\\|\\programdata\\)/ ascii wide nocase
        $b = /(binpat[h]=|binpat[h] =|bin_pat[h]=)\s?["']?[^\r\n]{0,60}(powershell|cmd \/c|cmd\.exe \/c|mshta|%comspec%)[^\r\n]{0,200}(-e(nc|ncodedcommand|c)?\s|hidden|echo|https?:)/ ascii wide nocase
        $c = /(reg(\.exe)?\s{1,3}add|set-itemproperty|new-itemproperty)[^\r\n]{0,120}currentversion\\run[^\r\n]{0,200}(powershell|mshta|wscript|regsvr32|rundll32)[^\r\n]{0,120}(hidden|-e(nc)?\s|https?:|javascript|\\temp\\|\\public\\)/ ascii wide nocase
        $d = /__EventFilte[r][^\r\n]{0,400}CommandLineEventConsumer[^\r\n]{0,400}(powershell|cmd\.exe|mshta|wscript)/ ascii wide nocase
    condition:
        filesize < 5MB
        and any of them
}

rule MAL_LOLBin_Remote_Script {
    meta:
        description = "Detects signed system programs told to load code from a remote address: regsvr32 with scrobj, mshta, rundll32 javascript, msiexec, wmic style sheets, odbcconf"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1218/010/"
        reference = "https://attack.mitre.org/techniques/T1218/"
        mitre_att = "T1218.010"
        mitre_att = "T1218.005"
        mitre_att = "T1218.011"
        id = "29d369e9-4314-5b60-8945-76fed044c890"
    strings:
        $a = /regsvr32(\.exe)?["']?\s[^\r\n]{0,60}\/i:\s?["']?https?:[^\r\n]{0,120}scrobj/ ascii wide nocase
        $b = /rundll32(\.exe)?["']?\s{1,3}javascript:/ ascii wide nocase
        $c = /wmic(\.exe)?["']?\s[^\r\n]{0,80}\/format:\s?["']?https?:/ ascii wide nocase
        $d = /msiexec(\.exe)?["']?\s[^\r\n]{0,30}\/(q|i)n?\w{0,3}\s[^\r\n]{0,30}https?:\/\/\d{1,3}\.\d{1,3}\./ ascii wide nocase
        $e = /odbcconf(\.exe)?["']?\s[^\r\n]{0,20}\{?\s?regsvr\s|cmstp(\.exe)?["']?\s[^\r\n]{0,20}\/s\s{1,2}[^\r\n]{0,60}\.inf|pubprn\.vbs[^\r\n]{0,40}script:/ ascii wide nocase
        $f = /(mshta|explorer)(\.exe)?["']?\s{1,3}["']?(https?:\/\/[^\s"']{4,160}\.(hta|png|jpg|txt|mp3|sct)|vbscript:|javascript:)/ ascii wide nocase
    condition:
        filesize < 5MB
        and any of them
}

rule MAL_Certutil_Chain {
    meta:
        description = "Detects chains of certutil, bitsadmin, curl or desktopimgdownldr that fetch a program into a public folder and start or decode it in the same line"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1105/"
        reference = "https://attack.mitre.org/techniques/T1105/"
        mitre_att = "T1105"
        mitre_att = "T1140"
        id = "f1fd5cba-e938-5a25-86e5-29659111998c"
    strings:
        $a = /certutil(\.exe)?["']?\s[^\r\n]{0,60}-(urlcache|verifyctl)[^\r\n]{0,200}(&|&&|;|\|)\s?[^\r\n]{0,100}(\.exe|\.bat|\.ps1|\.dll|-decode|start\s)/ ascii wide nocase
        $b = /bitsadmin(\.exe)?["']?\s[^\r\n]{0,40}\/transfer[^\r\n]{0,240}(\\temp\\|\\public\\|\\programdata\\|%temp%|%appdata%)[^\r\n]{0,120}(&|&&|;)/ ascii wide nocase
        $c = /(curl|wget)(\.exe)?\s[^\r\n]{0,160}(-o|--output|-O)\s[^\r\n]{0,60}(\\temp\\|\\public\\|\\programdata\\|%temp%|inetpub)[^\r\n]{0,80}(&|&&|;)\s?[^\r\n]{0,40}(start|rundll32|\.exe|\.bat)/ ascii wide nocase
        $d = /echo\s[A-Za-z0-9+\/=]{40}[^\r\n]{0,400}>>?\s?[^\r\n]{1,60}[\r\n&][^\r\n]{0,60}certutil(\.exe)?\s[^\r\n]{0,10}-decode/ ascii wide nocase
    condition:
        filesize < 5MB
        and any of them
}

rule MAL_Credential_Dump_Command {
    meta:
        description = "Detects command lines that copy LSASS memory, the directory database or the registry hives with passwords"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1003/001/"
        reference = "https://attack.mitre.org/techniques/T1003/001/"
        mitre_att = "T1003.001"
        mitre_att = "T1003.003"
        id = "f3748884-f5fd-58c8-bcff-23d46a80d48b"
    strings:
        $a = /procdump(64)?(\.exe)?["']?\s[^\r\n]{0,60}-ma\s[^\r\n]{0,40}lsass/ ascii wide nocase
        $b = /comsvcs(\.dll)?["']?,?\s{1,3}(#\+?0{0,4}24|minidump)\s/ ascii wide nocase
        $c = /(ntdsutil|vssadmin)[^\r\n]{0,80}(ac\s?i\s?ntds|[\s"]ifm[\s"]|create\s(full|shadow)[^\r\n]{0,80}(copy\s|ntds\.dit))/ ascii wide nocase
        $d = /reg(\.exe)?\s{1,3}save\s{1,3}["']?(hklm|hkey_local_machine)\\(sam|security|system)/ ascii wide nocase
        $e = /(sekurlsa:|lsadump:|privilege:|kerberos:|token:):(debug|golden|elevate|logonpasswords|minidump|sam|dcsync|secrets|cache)/ ascii wide nocase
        $f = /harddiskvolumeshadowcopy\d{1,3}\\+windows\\+(ntds\\+ntds\.dit|system32\\+config\\+(sam|system|security))/ ascii wide nocase
    condition:
        filesize < 5MB
        and any of them
}

rule SUSP_Exchange_Mailbox_Export {
    meta:
        description = "Detects commands that export mailboxes or pack mail stores and directory lists on a mail server into a web folder or an archive with a password"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1114/002/"
        reference = "https://attack.mitre.org/techniques/T1114/002/"
        mitre_att = "T1114.002"
        mitre_att = "T1560.001"
        id = "91e9c5bd-2355-5cbc-ad42-be34b700e334"
    strings:
        $a = /New-MailboxExportReques[t][^\r\n]{0,200}(inetpub|aspnet_client|owa\\|ecp\\|127\.0\.0\.1|localhost|\\\\\w{1,20}\\c\$)/ ascii wide nocase
        $b = /(7z a |7z\.exe a |7za a |7za\.exe a |rar a |rar\.exe a |7z\.exe" a |rar\.exe" a )[^\r\n]{0,60}-(hp|p)\S{2,40}\s[^\r\n]{0,120}(\.pst|\.ost|mailbox|ntds|\.dmp|aspnet_client)/ ascii wide nocase
        $c = /(dsquery|csvde|adfind(\.exe)?)\s[^\r\n]{0,80}(-limit\s0|-f\s["'(]|objectcategory|\*\s-attr)[^\r\n]{0,120}>/ ascii wide nocase
        $d = /Set-OabVirtualDirector[y][^\r\n]{0,160}(script|request|eval|%3c|<)/ ascii wide nocase
    condition:
        filesize < 5MB
        and any of them
}

rule MAL_HTA_Script_Launcher {
    meta:
        description = "Detects HTML applications and script files that start a program hidden: resized window, shell object and a command with an address or an encoded text"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1218/005/"
        reference = "https://attack.mitre.org/techniques/T1218/005/"
        mitre_att = "T1218.005"
        mitre_att = "T1059.005"
        id = "f95d2257-c7f7-5468-adb0-adb8a07e4d91"
    strings:
        $h = /(<hta:application|window\.resizeTo\s?\(?\s?[01]\s?,|window\.moveTo\s?\(?\s?-\d{2,5}|self\.close|window\.close)/ ascii wide nocase
        $o = /(activexobject|createobject)\s?\(\s?["'](wscript\.shell|shell\.application|w["']\s?[+&])/ ascii wide nocase
        $r = /(\.run|\.exec|\.shellexecute)\s?\(?[^\r\n]{0,80}(powershell|cmd|mshta|rundll32|regsvr32|certutil|bitsadmin|\w{1,12}\s?[,)])/ ascii wide nocase
        $p = /(powershell[^\r\n]{0,120}(-e(nc)?\s|hidden|downloadstring)|https?:\/\/\d{1,3}\.\d{1,3}\.\d{1,3}|frombase64string|adodb\.stream|xmlhttp)/ ascii wide nocase
    condition:
        filesize < 1MB
        and all of them
}

rule MAL_WSF_SCT_Scriptlet {
    meta:
        description = "Detects scriptlets and script files (SCT, WSF, XSL) that start programs or load code when they are registered or transformed"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1218/010/"
        reference = "https://attack.mitre.org/techniques/T1220/"
        mitre_att = "T1218.010"
        mitre_att = "T1059.007"
        id = "82504ea6-bb67-5836-8189-4c18914f39f0"
    strings:
        $a = /<(scriptlet|component|package|job)[\s>]/ nocase
        $x = /<(ms|msxsl):script[\s>]/ nocase
        $s = /<!\[CDATA\[|language\s?=\s?["'](jscript|vbscript|javascript|c#|csharp)/ nocase
        $o = /(activexobject|createobject|getobject)\s?\(\s?["'](wscript\.shell|shell\.application|wmi|winmgmts:|scripting\.filesystemobject|excel\.application)/ nocase
        $r = /(\.run|\.exec|\.shellexecute|\.create|\.regwrite|\.registerxll)\s?\(/ nocase
        $fp1 = /(Microsoft Corporation|slmgr|winrm|schemas\.microsoft\.com\/wix)/
    condition:
        filesize < 500KB
        and ($a or $x)
        and $s
        and $o
        and $r
        and not $fp1
}

rule MAL_NET_Memory_Loader_Source {
    meta:
        description = "Detects C# and VB source that allocates memory, copies decoded or decrypted bytes into it and starts them by a thread, callback or delegate"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1620/"
        reference = "https://attack.mitre.org/techniques/T1055/"
        mitre_att = "T1620"
        mitre_att = "T1055"
        id = "02aeea5e-fae8-5bd8-8d35-5c2dc9ca2a90"
    strings:
        $i = /(\[\s?DllImport\s?\(\s?["']|Declare\s{1,3}(Auto\s|PtrSafe\s)?Function)/ nocase
        $a = /(VirtualAlloc(Ex|2)?|NtAllocateVirtualMemory|NtMapViewOfSection|HeapAlloc|VirtualProtect(Ex)?)\b/
        $t = /(CreateThread|CreateRemoteThread(Ex)?|QueueUserAPC|NtQueueApcThread|EnumWindows|EnumSystemLocales\w?|EnumChildWindows|CreateFiber|RtlCreateUserThread|NtCreateThreadEx|GetDelegateForFunctionPointer|CertEnumSystemStore|CreateThreadpoolWait)\b/
        $c = /(Marshal\.Copy|WriteProcessMemory|RtlMoveMemory|NtWriteVirtualMemory|CopyMemory|Marshal\.WriteByte)/
        $d = /(FromBase64String|0xfc\s?,\s?0x48|0xfc\s?,\s?0xe8|CreateDecryptor|TransformFinalBlock|\^ 0x|\^ key|\^= key|\^ \(byte|\^\(byte|DownloadData|GZipStream|WebClient|Array\(\s?-?\d{1,3}\s?,\s?-?\d{1,3}\s?,)/ nocase
        $fp1 = /(xunit|NUnit|Licensed to the \.NET Foundation|PInvoke\.Tests)/
    condition:
        filesize < 2MB
        and all of ($i, $a, $t, $c, $d)
        and not $fp1
}

rule MAL_Macro_Auto_Download {
    meta:
        description = "Detects macro source that starts by itself, builds a command or address from pieces and runs it by a shell object, WMI or a system call"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1059/005/"
        reference = "https://attack.mitre.org/techniques/T1204/002/"
        mitre_att = "T1059.005"
        mitre_att = "T1204.002"
        id = "3b248430-c452-50ef-85f8-c3f17fe76e52"
    strings:
        $a = /\bsub\s{1,3}(auto_?open|document_open|workbook_open|autoexec|auto_close|document_close|autonew)\b/ nocase
        $o = /(createobject\s?\(\s?["']?(wscript|shell|winmgmts|w["']\s?&|\w{1,12}\s?\()|getobject\s?\(\s?["']winmgmts|\bshell\s?\(?\s?["']?(cmd|powershell|\w{1,16}\s?[,)])|urldownloadtofile|shellexecute)/ nocase
        $p = /(powershell|cmd \/c|cmd\.exe|frombase64|adodb\.stream|\) & chr\(|\)&chr\(|\) & chrw\(|\)&chrw\(|strreverse|mshta|urldownloadtofile|xmlhttp|winhttp)/ nocase
    condition:
        filesize < 5MB
        and all of them
}

rule MAL_Batch_Disable_Defence {
    meta:
        description = "Detects scripts that switch off protection, exclude folders from scanning, clear event logs or delete shadow copies"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1562/001/"
        reference = "https://attack.mitre.org/techniques/T1562/001/"
        mitre_att = "T1562.001"
        mitre_att = "T1490"
        id = "09a77e0e-6421-5800-a1a2-33a4839d0a44"
    strings:
        $a = /Set-MpPreference\s{1,3}[^\r\n]{0,60}-Disable(RealtimeMonitoring|BehaviorMonitoring|IOAVProtection|ScriptScanning)\s{1,3}(\$true|1)/ ascii wide nocase
        $b = /Add-MpPreference\s{1,3}-ExclusionPath\s{1,3}["']?(C:\\["'\s]|C:\\(inetpub|windows\\temp|programdata|users\\public))/ ascii wide nocase
        $c = /wevtutil(\.exe)?\s{1,3}(cl|clear-log)\s{1,3}["']?(security|system|application|["']?microsoft-windows-powershell|%)/ ascii wide nocase
        $d = /(vssadmin(\.exe)?\s{1,3}delete\s{1,3}shadows|wmic\s{1,3}shadowcopy\s{1,3}delete|bcdedit(\.exe)?\s[^\r\n]{0,40}recoveryenabled\s{1,3}no)/ ascii wide nocase
        $e = /netsh\s{1,3}(advfirewall\s{1,3}set\s{1,3}(all|current)profiles?\s{1,3}state\s{1,3}off|firewall\s{1,3}set\s{1,3}opmode\s{1,3}(mode=)?disable)/ ascii wide nocase
        $f = /(net|sc)(\.exe)?\s{1,3}stop\s{1,3}["']?(windefend|mpssvc|wscsvc|sense|mssense|eventlog|msexchange\w{2,12})/ ascii wide nocase
    condition:
        filesize < 1MB
        and (2 of them or $a or $d and $c)
}

rule SUSP_Account_Creation_Script {
    meta:
        description = "Detects scripts that create an account, make it administrator and open remote desktop or hide it from the logon screen"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1136/001/"
        reference = "https://attack.mitre.org/techniques/T1136/001/"
        mitre_att = "T1136.001"
        mitre_att = "T1021.001"
        id = "06b851ca-a224-51d1-834c-5e837f3a056c"
    strings:
        $a = /net1?(\.exe)?\s{1,3}user\s{1,3}["']?[\w$]{1,24}["']?\s{1,3}\S{1,40}\s[^\r\n]{0,20}\/add/ ascii wide nocase
        $b = /net1?(\.exe)?\s{1,3}localgroup\s{1,3}["']?(administrators|administratoren|administrateurs|remote desktop users)["']?\s[^\r\n]{1,60}\/add/ ascii wide nocase
        $c = /(fDenyTSConnections[^\r\n]{0,60}\s0|SpecialAccounts\\UserList|UserAuthentication[^\r\n]{0,60}\s0|sethc\.exe|utilman\.exe|portproxy\s{1,3}add)/ ascii wide nocase
    condition:
        filesize < 1MB
        and $a
        and $b
        and $c
}

rule MAL_Sideload_Triad_Script {
    meta:
        description = "Detects scripts that copy a signed program, a library and a data file into one public folder and start the program, as side-loading droppers do"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1574/002/"
        reference = "https://attack.mitre.org/techniques/T1574/002/"
        mitre_att = "T1574.002"
        id = "64a01e2f-e994-5904-8782-519200921cf5"
    strings:
        $d = /(\\users\\public\\|\\programdata\\|%appdata%|%public%|\\perflogs\\|%temp%)[^\r\n]{0,80}\.dll/ ascii wide nocase
        $e = /(\\users\\public\\|\\programdata\\|%appdata%|%public%|\\perflogs\\|%temp%)[^\r\n]{0,80}\.exe/ ascii wide nocase
        $f = /(\\users\\public\\|\\programdata\\|%appdata%|%public%|\\perflogs\\|%temp%)[^\r\n]{0,80}\.(dat|bin|log|tmp|db|ini|png)/ ascii wide nocase
        $c = /(copy |xcopy |move |expand |copyfile|extrac32)/ ascii wide nocase
        $h = /attrib(\.exe)?\s{1,3}\+[sh]/ ascii wide nocase
        $s = /(start |schtasks|sc create|\.run |\.run\(|reg add)/ ascii wide nocase
    condition:
        filesize < 200KB
        and all of them
}
