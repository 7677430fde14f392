// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Script loaders and droppers of Windows, in scripts, event logs and
// scheduled tasks alike, in one-byte and two-byte text.

rule SUSP_PS_Download_Cradle {
    meta:
        description = "Detects PowerShell that downloads text or bytes and runs them at once, as intruders and some installers do"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        reference = "https://attack.mitre.org/techniques/T1105/"
        mitre_att = "T1059.001"
        mitre_att = "T1105"
        id = "be644918-d997-59ce-b737-c6d769bdb8b7"
    strings:
        $a = /(IEX|Invoke-Expression)[\s(&'"`$]{0,12}(New-Object)\s{1,4}(System\.)?Net\.WebClient\)?\s?\.\s?['"]?Download(String|Data|File)/ ascii wide nocase
        $b = /(DownloadString|DownloadData)['"]?\s?\(?[^|\r\n]{1,200}\)?\s?\|\s?(IEX|Invoke-Expression|&\s?\()/ ascii wide nocase
        $f = /DownloadFile\s?\(\s?['"]https?:[^\r\n]{1,160}['"]\s?,[^\r\n]{1,120}\)\s?;?[^\r\n]{0,40}(Start-Process|Invoke-Item|saps|&\s?['"$]|cmd \/c)/ ascii wide nocase
    condition:
        filesize < 20MB
        and any of them
}

rule MAL_PS_Hidden_Cradle {
    meta:
        description = "Detects PowerShell that downloads and runs text in a hidden window or from a bare address"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1564/003/"
        reference = "https://attack.mitre.org/techniques/T1105/"
        mitre_att = "T1059.001"
        mitre_att = "T1105"
        mitre_att = "T1564.003"
        id = "f8d72731-a79d-56b1-a310-07beaf00b183"
    strings:
        $c = /(IEX|Invoke-Expression)[\s(&'"`$]{0,12}(Invoke-WebRequest|iwr |curl |wget |Invoke-RestMethod|irm )[^\r\n|]{0,40}:\/\/[^\r\n]{0,20}(\d{1,3}\.){3}\d{1,3}/ ascii wide nocase
        $d = /(iwr |irm |Invoke-WebRequest|Invoke-RestMethod)[^\r\n|]{0,60}:\/\/(\d{1,3}\.){3}\d{1,3}[^\r\n|]{0,120}\|\s?(IEX|Invoke-Expression)/ ascii wide nocase
        $e = /(-w hidde[n]|-wi hidde[n]|-win hidde[n]|-windowstyle hidde[n]|-window hidde[n])[^\r\n]{0,200}(IEX |IEX\(|Invoke-Expression|DownloadString|DownloadFile|Start-BitsTransfer)/ ascii wide nocase
        $g = /(DownloadString\(["']|DownloadData\(["']|DownloadFile\(["']|DownloadString \(["']|DownloadFile \(["'])\w{4,5}:\/\/(\d{1,3}\.){3}\d{1,3}/ ascii wide nocase
    condition:
        filesize < 20MB
        and any of them
}

rule SUSP_PS_Encoded_Command {
    meta:
        description = "Detects a PowerShell command line with an encoded command, whose base64 text is checked for two-byte letters of usual commands"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1027/010/"
        reference = "https://learn.microsoft.com/en-us/powershell/module/microsoft.powershell.core/about/about_powershell_exe"
        mitre_att = "T1059.001"
        mitre_att = "T1027.010"
        id = "b2b9398e-d7de-5d03-ac00-3dd2d3f6e127"
    strings:
        $cmd = /(powershell|pwsh)(\.exe)?["']?\s[^\r\n|]{0,160}[-\/]e(c|nc?|nco\w{0,11})?["']?\s{1,4}["']?[A-Za-z0-9+\/]{40}/ ascii wide nocase
        $x1 = /[-\/]e\w{0,14}["']?\s{1,4}["']?(JABz|JABjA|JABwA|JABhA|JABlA|JABkA|JABiA|JABtA|JABuA|JABmA|JAByA|JABFA|SQBFAFgA|SQBuAHYAbwBrAGUA|aQBlAHgA|aQBuAHYAbwBrAGUA|IAAoA|KABuAGUAdwAtA|KABOAGUAdwAtA|cABvAHcAZQByAHMA|WwBSAGUAZgBsA|WwBTAHkAcwB0AGUAbQ|UwBlAHQALQ|UwB0AGEAcgB0AC0A|bgBlAHcALQ|TgBlAHcALQ|ZgB1AG4AYwB0AGkAbwBuA|YwBtAGQA|dwBoAG8AYQBtAGkA)/ ascii wide nocase
        $flag1 = /-w(i|in|indowstyle)?\s{1,4}hidden/ ascii wide nocase
        $flag2 = /-(nop|noni|noexit|nologo|sta )/ ascii wide nocase
        $flag3 = /-(ep|exec|ex|executionpolicy)\s{1,4}(bypass|unrestricted)/ ascii wide nocase
    condition:
        filesize < 50MB
        and $cmd
        and ($x1 or any of ($flag*))
}

rule MAL_PS_Compressed_Payload {
    meta:
        description = "Detects PowerShell that unpacks a compressed base64 text in memory and runs it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1140/"
        mitre_att = "T1059.001"
        mitre_att = "T1140"
        mitre_att = "T1620"
        id = "f2f086de-d9aa-564a-8d84-aa63ebb785a6"
    strings:
        $s1 = /(IO\.)?Compression\.(GzipStream|DeflateStream)/ ascii wide nocase
        $s2 = /FromBase64String\s?\(\s?["'(]{0,3}(H4sI|7[a-zA-Z0-9+\/]{60}|[a-zA-Z0-9+\/]{200})/ ascii wide nocase
        $s3 = /IO\.StreamReader|ReadToEnd\s?\(/ ascii wide nocase
        $x1 = /(IEX |IEX\(|IEX\$|\|IEX|Invoke-Expression)/ ascii wide nocase
        $x2 = /&\s?\(\s?\[scriptblock\]::create|\.Invoke\s?\(/ ascii wide nocase
        $x3 = /Assembly\]?::Load\s?\(/ ascii wide nocase
    condition:
        filesize < 10MB
        and $s1
        and $s2
        and $s3
        and any of ($x*)
}

rule MAL_PS_Reflective_Assembly {
    meta:
        description = "Detects PowerShell that loads a .NET assembly from encoded or downloaded bytes and calls into it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1620/"
        mitre_att = "T1620"
        mitre_att = "T1059.001"
        id = "f7a02d66-e303-5cde-8a69-9c962a1f5161"
    strings:
        $load = /\[?(System\.)?(Reflection\.)?Assembly\]?\s?::\s?["']?Load["']?\s?\(\s?(\[(System\.)?Convert\]::FromBase64String|\(?\s?New-Object[^)\r\n]{1,40}WebClient|\$\w{1,40}|\[byte\[\]\])/ ascii wide nocase
        $src1 = /FromBase64String\s?\(/ ascii wide nocase
        $src2 = /\.Download(Data|String)\s?\(/ ascii wide nocase
        $src3 = /(TVqQAAMAAAAE|TVpQAAIAAAAE|TVoAAAAAAAAA|H4sIAAAAAAAE)/ ascii wide
        $go = /(\.EntryPoint|\.GetMethod\s?\(|\]::main|\]::run|\]::exec|\]::start|\]::invoke|\.Invoke\s?\(|\.GetType\s?\(\s?["'])/ ascii wide nocase
    condition:
        filesize < 20MB
        and $load
        and any of ($src*)
        and $go
}

rule MAL_PS_Shellcode_Loader {
    meta:
        description = "Detects PowerShell that places machine code in memory through Windows calls and starts it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1055/"
        mitre_att = "T1055"
        mitre_att = "T1059.001"
        mitre_att = "T1106"
        id = "d3b5e8fa-eca7-5490-a0e5-cca06640081d"
    strings:
        $a1 = "VirtualAlloc" ascii wide nocase
        $a2 = "VirtualProtect" ascii wide nocase
        $b1 = "GetDelegateForFunctionPointer" ascii wide nocase
        $b2 = "CreateThread" ascii wide nocase
        $b3 = "UnsafeNativeMethods" ascii wide nocase
        $c1 = /\[byte\[\]\]\s?\$?\w{0,30}\s?=?\s?[(@]{0,3}\s?(0x[0-9a-f]{2},\s?){8}/ ascii wide nocase
        $c2 = /\[(System\.)?(Runtime\.InteropServices\.)?Marshal\]::Copy\s?\(/ ascii wide nocase
    condition:
        filesize < 10MB
        and any of ($a*)
        and any of ($b*)
        and any of ($c*)
}

rule MAL_PS_AMSI_Tamper {
    meta:
        description = "Detects PowerShell that switches off the malware scan interface or script tracing in its own process"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1562/001/"
        mitre_att = "T1562.001"
        mitre_att = "T1059.001"
        id = "b141ec26-3bce-5be0-969e-5b660704d190"
    strings:
        $f = /amsi(["']\s?\+\s?["'])?(Init)(["']\s?\+\s?["'])?(Failed)/ ascii wide nocase
        $u = /Am(["']\s?\+\s?["'])?si(["']\s?\+\s?["'])?Utils/ ascii wide nocase
        $set = /\.\s?(SetValue|GetField)\s?\(/ ascii wide nocase
        $b = /Amsi(["']\s?\+\s?["'])?Scan(["']\s?\+\s?["'])?Buffer/ ascii wide nocase
        $vp = /VirtualProtect/ ascii wide nocase
        $ps = /(\[Ref\]\.|Add-Type|\[DllImport|\.Assembly\.|GetTypes\s?\()/ ascii wide nocase
        $copy = /Marshal\]?::Copy|WriteByte/ ascii wide nocase
    condition:
        filesize < 5MB
        and ((($f or $u) and $set) or ($b and $vp and $copy and $ps))
}

rule MAL_Script_Mshta_Cradle {
    meta:
        description = "Detects mshta, regsvr32 or rundll32 started with script text or a remote script"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1218/005/"
        reference = "https://attack.mitre.org/techniques/T1218/010/"
        mitre_att = "T1218.005"
        mitre_att = "T1218.010"
        mitre_att = "T1218.011"
        id = "b03633e8-4019-5f9b-aee9-edda641ddb2c"
    strings:
        $m1 = /mshta(\.exe)?["']?\s{1,4}["']?(vbscript|javascript):[^\r\n]{0,200}(Execute|CreateObject|GetObject|ActiveXObject|RegRead|close)/ ascii wide nocase
        $m2 = /mshta(\.exe)?["']?\s{1,4}["']?https?:\/\/(\d{1,3}(\.\d{1,3}){3}|[^\s"']{1,120}\.(hta|jpg|png|txt|sct|php))/ ascii wide nocase
        $r1 = /regsvr32(\.exe)?["']?\s[^\r\n]{0,60}[\/-]i:\s?["']?https?:\/\/[^\r\n]{0,200}scrobj(\.dll)?/ ascii wide nocase
        $r2 = /rundll32(\.exe)?["']?\s{1,4}["']?javascript:[^\r\n]{0,80}(RunHTMLApplication|mshtml)/ ascii wide nocase
    condition:
        filesize < 20MB
        and any of them
}

rule MAL_VBS_Dropper {
    meta:
        description = "Detects VBScript or HTA droppers that fetch or unpack a file, save it with ADODB.Stream and start it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1059/005/"
        mitre_att = "T1059.005"
        mitre_att = "T1105"
        id = "8c41ed6f-3cf0-5d1c-b37d-43f974b17140"
    strings:
        $net = /createobject\s?\(\s?["'](msxml2\.(server)?xmlhttp(\.\d\.0)?|microsoft\.xmlhttp|winhttp\.winhttprequest(\.5\.1)?)["']\s?\)/ ascii wide nocase
        $b64 = /(bin\.base64|\.nodeTypedValue)/ ascii wide nocase
        $stream = /createobject\s?\(\s?["']adodb\.stream["']\s?\)/ ascii wide nocase
        $save = /\.savetofile/ ascii wide nocase
        $run1 = /createobject\s?\(\s?["'](wscript\.shell|shell\.application)["']\s?\)/ ascii wide nocase
        $run2 = /(\.run |\.run\(|\.exec |\.exec\(|\.shellexecute)/ ascii wide nocase
        $where = /(%temp%|%appdata%|%public%|ExpandEnvironmentStrings|GetSpecialFolder|\\users\\public|\\programdata)/ ascii wide nocase
        $fp1 = "<%"
        // the installer text that Salt's runner sends to new Windows hosts
        $fp2 = "vb_saltexec"
    condition:
        filesize < 1MB
        and ($net or $b64)
        and $stream
        and $save
        and $run1
        and $run2
        and $where
        and none of ($fp*)
}

rule MAL_VBS_Powershell_Launcher {
    meta:
        description = "Detects VBScript, HTA or macro text that starts a hidden PowerShell or command interpreter with a download or encoded command"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1059/005/"
        mitre_att = "T1059.005"
        mitre_att = "T1059.001"
        id = "382d3f9b-973c-5834-abac-14d48de4c4fd"
    strings:
        $obj = /(createobject|getobject|new activexobject)\s?\(\s?["'](wscript\.shell|shell\.application|winmgmts:)/ ascii wide nocase
        $run = /(\.run|\.exec|\.shellexecute|\.create)\s?\(?[^\r\n]{0,80}(powershell|pwsh|cmd \/c|cmd\.exe \/c)[^\r\n]{0,300}(-e(nc|ncodedcommand)?\s|downloadstring|downloadfile|iex |iex\(|invoke-|frombase64string|certutil|bitsadmin|hidden|curl\s|http)/ ascii wide nocase
    condition:
        filesize < 2MB
        and all of them
}

rule SUSP_Certutil_Bitsadmin_Transfer {
    meta:
        description = "Detects certificate and transfer tools of Windows used to fetch or decode a program and start it"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1105/"
        reference = "https://attack.mitre.org/techniques/T1197/"
        mitre_att = "T1105"
        mitre_att = "T1140"
        mitre_att = "T1197"
        id = "74c398ab-c35c-54af-b4f2-2c9ca8526dbe"
    strings:
        $c1 = /certutil(\.exe)?["']?\s[^\r\n]{0,40}[-\/]urlcache[^\r\n]{0,60}https?:\/\/[^\r\n]{1,200}\.(exe|dll|ps1|bat|aspx?|hta|jpg|txt|bin)/ ascii wide nocase
        $c2 = /certutil(\.exe)?["']?\s{1,4}[-\/]decode[^\r\n]{1,160}\.(exe|dll|aspx?|bat|ps1|cab|scr)/ ascii wide nocase
        $b1 = /bitsadmin(\.exe)?["']?\s[^\r\n]{0,60}\/transfer[^\r\n]{0,100}https?:\/\/[^\r\n]{1,200}\.(exe|dll|ps1|bat|aspx?|hta|dat)/ ascii wide nocase
    condition:
        filesize < 20MB
        and any of them
}

rule MAL_MSBuild_Inline_Task {
    meta:
        description = "Detects an MSBuild project whose inline task calls Windows memory functions or loads assemblies from encoded text"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1127/001/"
        mitre_att = "T1127.001"
        mitre_att = "T1620"
        id = "a98fa241-a439-5b1c-a2bf-2ec37bbabbee"
    strings:
        $t = /TaskFactory\s?=\s?["'](Code|RoslynCode)TaskFactory["']/ nocase
        $c = /<Code\s{1,8}(Type|Language)\s?=/ nocase
        $x1 = "VirtualAlloc"
        $x2 = "CreateThread"
        $x3 = /Assembly\.Load\s?\(/
        $x4 = "FromBase64String"
        $x5 = "[DllImport"
    condition:
        filesize < 10MB
        and $t
        and $c
        and (($x1 and $x2) or ($x3 and $x4) or ($x5 and $x4))
}

rule MAL_PS_Socket_Shell {
    meta:
        description = "Detects PowerShell that reads commands from a socket, pipe or HTTP listener, runs them and sends the output back: connect-back and bind shells"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        reference = "https://attack.mitre.org/techniques/T1095/"
        mitre_att = "T1059.001"
        mitre_att = "T1095"
        id = "bb7f15d6-a304-5730-a0ba-f93fef918290"
    strings:
        $net = /(Net\.Sockets\.TcpClient|Net\.Sockets\.TcpListener|Net\.Sockets\.UdpClient|Net\.HttpListener|Net\.Sockets\.Socket)/ ascii wide nocase
        $read = /(\.GetStream\s?\(|\.Receive\s?\(|\.GetContext\s?\(|\.ReadLine\s?\(|\.GetString\s?\()/ ascii wide nocase
        $run = /(iex \$|iex\(\$|iex \(|\| iex|\|iex|iex -c|Invoke-Expression|cmd\.exe|Diagnostics\.Process|ProcessStartInfo|\[scriptblock\]::create)/ ascii wide nocase
        $back = /(\.Write\s?\(\s?\$|\.WriteLine\s?\(|\.Send\s?\(\s?\$|OutputStream|Out-String)/ ascii wide nocase
        $ps = /(New-Object|\[System\.|\[Net\.|\[IO\.|\[text\.)/ ascii wide nocase
        $fp1 = /(Pester|\.SYNOPSIS[^\r\n]{0,10}\r?\n[^\r\n]{0,80}(test|module))/ nocase
    condition:
        filesize < 500KB
        and all of ($net, $read, $run, $back, $ps)
        and not $fp1
}

rule MAL_PS_Offensive_Framework {
    meta:
        description = "Detects PowerShell functions of public attack collections by their names: shells, credential readers, injection, persistence, exfiltration"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1059/001/"
        reference = "https://attack.mitre.org/techniques/T1003/"
        mitre_att = "T1059.001"
        mitre_att = "T1003"
        id = "2807d6c3-a627-5fae-bf94-3c6c394be07e"
    strings:
        $def = /(functio[n] Invoke-Mimikatz|functio[n] Invoke-PowerShellTcp|functio[n] Invoke-PowerShellUdp|functio[n] Invoke-PowerShellIcmp|functio[n] Invoke-PowerShellWmi|functio[n] Invoke-Shellcode|functio[n] Invoke-TokenManipulation|functio[n] Invoke-ReflectivePEInjection|functio[n] Invoke-DllInjection|functio[n] Get-Keystrokes|functio[n] Get-PassHashes|functio[n] Get-LSASecret|functio[n] Get-GPPPassword|functio[n] Invoke-CredentialsPhish|functio[n] Invoke-PSGcat|functio[n] Invoke-PoshRat|functio[n] Invoke-BruteForce|functio[n] Invoke-NetworkRelay|functio[n] Invoke-PsUACme|functio[n] Invoke-Kerberoast|functio[n] Invoke-BloodHound|functio[n] Invoke-ConPtyShell|functio[n] Invoke-Inveigh|functio[n] Do-Exfiltration|functio[n] Add-ScrnSaveBackdoor|functio[n] Add-Persistence|functio[n] Add-RegBackdoor|functio[n] Gupt-Backdoor|functio[n] HTTP-Backdoor|functio[n] DNS_TXT_Pwnage|functio[n] Execute-OnTime|functio[n] Execute-DNSTXT|functio[n] Execute-Command-MSSQL|functio[n] Set-RemoteWMI|functio[n] Set-RemotePSRemoting|functio[n] Out-CHM|functio[n] Out-HTA|functio[n] Out-RundllCommand|functio[n] Out-Minidump|functio[n] Get-WLAN-Keys|functio[n] Invoke-Powercat|functio[n] Invoke-AllChecks|functio[n] Invoke-SessionGopher|functio[n] Download-Execute-PS|functio[n] Enable-DuplicateToken|functio[n] Parse_Keys|functio[n] Remove-PoshRat|functio[n] Get-Information|functio[n] Invoke-PSInject)\b/ nocase
        $call = /(\bIEX|\biex|powershell|Import-Module|&&|;)[^\r\n]{0,200}(Invoke-Mimikatz|Invoke-PowerShellTcp|Invoke-Shellcode|Invoke-ReflectivePEInjection|Invoke-Kerberoast|Invoke-BloodHound)\s/ nocase
        $wide = /(functio[n] Invoke-Mimikatz|functio[n] Invoke-PowerShellTcp|functio[n] Invoke-PowerShellUdp|functio[n] Invoke-PowerShellIcmp|functio[n] Invoke-PowerShellWmi|functio[n] Invoke-Shellcode|functio[n] Invoke-TokenManipulation|functio[n] Invoke-ReflectivePEInjection|functio[n] Invoke-DllInjection|functio[n] Get-Keystrokes)/ wide nocase
    condition:
        filesize < 10MB
        and any of them
}
