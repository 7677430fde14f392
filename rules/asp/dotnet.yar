// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// ASP.NET pages and handlers.

rule WEBSHELL_ASPX_JScript_Eval {
    meta:
        description = "Detects JScript.NET pages that evaluate request data in unsafe mode, the ASPX form of China Chopper"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.microsoft.com/en-us/security/blog/2021/03/02/hafnium-targeting-exchange-servers/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.007"
        id = "7d4744dc-e8a3-54b2-9eb0-8747f4fd04cb"
    strings:
        $unsafe = /\beval\s{0,4}\([^;<]{1,200}["']\s{0,3}(un["']?\s?\+\s?["']?safe|unsafe)\s{0,3}["']\s{0,3}\)/ nocase
        $direct = /[^.\w]eval\s{0,4}\([^;<\n]{0,80}(request\.item|request\.form|request\.querystring|request\.cookies|request\.params|request\.headers|request\(|\(request\[)/ nocase
        $lang = /(language\s?=\s?["']?\s?(jscript|c#|cs|vb|javascript)\b|runat\s?=\s?["']?server)/ nocase
        $cut = /("u"\+"n"\+"s|"un"\+"safe"|"uns"\+"afe"|"unsa"\+"fe"|"u"\+"nsafe"|"unsaf"\+"e"|"u" \+ "n"|"un" \+ "safe"|'un'\+'safe'|'uns'\+'afe')/ nocase
        $two = /\beval\s?\(\s?\w{1,12}\s?,\s?\w{1,12}\s?\)/ nocase
        $jscript = /language\s?=\s?["']?\s?jscript/ nocase
        $own = /(\beval\(request\[|\beval \(request\[)/ nocase
    condition:
        filesize < 2MB
        and $lang
        and (any of ($unsafe, $direct, $cut, $own) or ($two and $jscript))
}

rule WEBSHELL_ASPX_Process_Start {
    meta:
        description = "Detects ASP.NET pages that start a command interpreter with text from the request or a form field"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/dotnet/api/system.diagnostics.process.start"
        mitre_att = "T1505.003"
        mitre_att = "T1059.003"
        id = "3e11d56c-fc75-5753-99ab-245eccdf8534"
    strings:
        $gate = /<%@\s{0,4}(page|webhandler|webservice|import)|runat\s?=\s?["']?server/ nocase
        $p1 = /\bProcessStartInfo\b/ nocase
        $p2 = /\bProcess\s?\.\s?Start\s?\(/ nocase
        $p3 = /\bnew\s{1,3}(System\.)?(Diagnostics\.)?Process\s?\(\s?\)/ nocase
        $sh = /(cmd\.exe|"cmd"|'cmd'|"cmd |powershell["'\s.]|pwsh["'\s]|\/bash["'\s]|\/bin\/sh|%comspec%|system32\\\\?cmd)/ nocase
        $io = /(RedirectStandardOutput|StandardOutput\s?\.|\.StandardInput)/ nocase
        $src1 = /\bRequest\s?(\.\s?(Form|QueryString|Item|Params|Headers|Cookies|InputStream|BinaryRead))?\s?[\[(.]/ nocase
        $src2 = /<asp:textbox/ nocase
        $src3 = /\.Text\b/
    condition:
        filesize < 500KB
        and $gate
        and any of ($p*)
        and $sh
        and $io
        and any of ($src*)
}

rule WEBSHELL_ASPX_Assembly_Load {
    meta:
        description = "Detects ASP.NET pages that load an assembly from request, session or encoded data and run it"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/dotnet/api/system.reflection.assembly.load"
        mitre_att = "T1505.003"
        mitre_att = "T1620"
        id = "208a00b2-e3fb-51eb-9b03-a0ee1d21ccf1"
    strings:
        $page = /<%@\s{0,4}(page|webhandler|webservice|import)|runat\s?=\s?["']?server/ nocase
        $load1 = /\bAssembly\s?\.\s?Load\s?\(/ nocase
        $load2 = /typeof\s?\(\s?(System\.)?(Reflection\.)?Assembly\s?\)\s?\.\s?GetMethod\s?\(\s?["']Load["']/ nocase
        $load3 = /["']System\.Reflection\.Assembly["'][^;]{0,160}["']Load["']/ nocase
        $dec1 = /\b(FromBase64String|BinaryRead|TransformFinalBlock|CreateDecryptor|GetBytes|HexToBytes)\s?\(/ nocase
        $src = /\b(Request|Session|Application|Context\.Cache)\s?(\.\s?\w{1,20})?\s?[\[(.]/ nocase
        $go = /\b(CreateInstance|GetType|EntryPoint|Invoke)\s?[\(.]/ nocase
    condition:
        filesize < 500KB
        and $page
        and any of ($load*)
        and $dec1
        and $src
        and $go
}

rule WEBSHELL_ASPX_Dynamic_Compile {
    meta:
        description = "Detects ASP.NET pages that compile source text at run time and start it"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/dotnet/api/microsoft.csharp.csharpcodeprovider"
        mitre_att = "T1505.003"
        mitre_att = "T1027.004"
        id = "966f8ac0-dd1a-5e8a-bed0-c77940925d7f"
    strings:
        $page = /<%@\s{0,4}(page|webhandler|webservice|import)|runat\s?=\s?["']?server/ nocase
        $comp = /\b(CSharpCodeProvider|VBCodeProvider|CodeDomProvider|VsaEngine|JScriptEvaluate)\b/ nocase
        $mem = /(GenerateInMemory|CompileAssemblyFromSource|JScriptEvaluate|CompiledAssembly)/ nocase
        $src = /\b(Request|FromBase64String)\s?[\[(.]/ nocase
    condition:
        filesize < 300KB
        and $page
        and $comp
        and $mem
        and $src
}

rule WEBSHELL_ASPX_Write_Request {
    meta:
        description = "Detects small ASP.NET pages that store an upload or form text under a name from the request"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "f0a11464-6557-596e-83a1-6bd3eb2ad16e"
    strings:
        $page = /<%@\s{0,4}(page|webhandler|webservice)|<script[^>]{0,60}runat\s?=\s?["']?server/ nocase
        $inline = /<script[^>]{0,60}runat\s?=\s?["']?server|<%@\s{0,4}webhandler/ nocase
        $w1 = /\bFile\.\s?(WriteAllText|WriteAllBytes|CreateText|AppendAllText)\s?\([^;\n]{0,80}(Request|\.Text\b|\.(asp|aspx|ashx|asmx)["'])/ nocase
        $w2 = /\bnew\s{1,3}(System\.IO\.)?StreamWriter\s?\([^;\n]{0,80}(Request|\.Text\b|Server\.MapPath)/ nocase
        $w3 = /\bSaveAs\s?\([^;\n]{0,80}(Request|\.Text\b|MapPath\s?\(\s?["'][.\/~]{0,3}["']\s?\)|\.FileName)/ nocase
        $path = /(txtPath|savePath|lblthispath|password\.Equals|Request\s?(\.\s?(Form|QueryString|Item|Params))?\s?[\[(]|Request\.Files)/ nocase
        $fp1 = "CodeBehind" nocase
        $fp2 = "Inherits=" nocase
        $fp3 = /\b(ContentType\s?==|GetExtension|AllowedExt\w{0,10})/ nocase
        $tag = "<%"
    condition:
        filesize < 8KB
        and $page
        and any of ($inline, $tag)
        and any of ($w*)
        and $path
        and none of ($fp*)
}

rule WEBSHELL_ASPX_Handler_Writes_Shell {
    meta:
        description = "Detects ASP.NET code that writes a script with an evaluation of the request to disk"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "0251608e-ea58-5c24-8e7d-8ad81fe14b66"
    strings:
        $a = /\.\s?Write(Line|AllText)?\s?\([^;\n]{0,80}<%[^;\n]{0,80}(eval request|eval\(request|eval \(request|execute request|execute\(request|execute \(request|executeglobal request|executeglobal\(request)/ nocase
        $page = /<%@\s{0,4}(page|webhandler|webservice)/ nocase
    condition:
        filesize < 200KB
        and $page
        and $a
}

rule WEBSHELL_ASPX_Panel_Capabilities {
    meta:
        description = "Detects ASP.NET administration panels of intruders by the capabilities they combine"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1083"
        id = "7f283c12-5e84-54e5-8c63-7c0c4c39f5d9"
    strings:
        $page = /<%@\s{0,4}page/ nocase
        $c4 = /\b(ServiceController|Win32_(Service|Process|UserAccount)|IIS:\/\/localhost|DirectoryEntry)\b/ nocase
        $c5 = /\b(Registry\.|RegistryKey|OpenSubKey)\b/ nocase
        $c6 = /\b(TcpClient|TcpListener|Socket\s?\()/ nocase
        $c7 = /\b(Directory\.GetLogicalDrives|DriveInfo\.GetDrives|GetDrives)\b/ nocase
        $c8 = /\b(File\.(Delete|Copy|Move|SetCreationTime|SetLastWriteTime)|\.CreationTime\s?=)/ nocase
        $c9 = /\b(OleDbConnection|SqlConnection)\b/ nocase
        $c10 = /\b(SaveAs|PostedFile)\b/ nocase
        $inline = /<script[^>]{0,60}runat\s?=\s?["']?server/ nocase
        $fp1 = "CodeBehind" nocase
        $fp2 = "CodeFile=" nocase
        $x1 = "cmd.exe" nocase
        $x2 = /\b(ProcessStartInfo|Process\.Start|Process\.GetProcesses)\b/ nocase
        $x3 = "xp_cmdshell" nocase
    condition:
        filesize < 1MB
        and $page
        and $inline
        and any of ($x*)
        and 5 of ($x*, $c*)
        and none of ($fp*)
}

rule WEBSHELL_ASPX_ServU_Exploit {
    meta:
        description = "Detects ASP and ASP.NET pages that drive the local administration port of an FTP service to run commands"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1068"
        id = "7acc3f7a-4d3f-5a80-ac84-d51b1958da6c"
    strings:
        $a1 = /SITE MAINTENANC[E]/ nocase
        $a2 = /-SETUSERSETU[P]/ nocase
        $a3 = /-DELETEDOMAI[N]/ nocase
        $a4 = /SITE EXE[C]/ nocase
        $tag = "<%"
        $server = /runat\s?=\s?["']?server/ nocase
    condition:
        filesize < 1MB
        and any of ($tag, $server)
        and 2 of ($a*)
}

rule WEBSHELL_Tunnel_Script {
    meta:
        description = "Detects web tunnels (ASPX, JSP, PHP) that take connect, read and forward orders from request headers and pass bytes to an internal socket"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1572/"
        mitre_att = "T1505.003"
        mitre_att = "T1090"
        mitre_att = "T1572"
        id = "dbaf4bdf-ffec-51c6-97ee-a0cce6949cbd"
    strings:
        $h = /["'](HTTP_)?X[-_](CMD|STATUS|TARGET|PORT)["']/ nocase
        $v1 = /["']CONNECT["']/
        $v2 = /["']FORWARD["']/
        $v3 = /["']READ["']/
        $v4 = /["']DISCONNECT["']/
        $s = /\b(SocketChannel|fsockopen|socket_create|AddressFamily\.InterNetwork|TcpClient)\b/ nocase
        $tag = "<%"
        $php = "<?"
        $server = "runat=" nocase
    condition:
        filesize < 200KB
        and any of ($tag, $php, $server)
        and $s
        and $h
        and 3 of ($v*)
}
