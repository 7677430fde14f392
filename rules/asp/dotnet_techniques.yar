// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// ASP.NET pages, handlers and services beyond the plain eval: reflection,
// compilers, deserialisation, spam pages, panels and data tools.

private rule aspx_page {
    strings:
        $dir = "<%"
        $run = /(runat="server|runat='server|runat=server|runat = "server|runat=\\"server|runat ="server|runat= "server)/ nocase
        $web = /(System\.Web|HttpContext|IHttpHandler|HttpApplication)/
    condition:
        any of them
}

rule WEBSHELL_ASPX_Process_By_Reflection {
    meta:
        description = "Detects ASP.NET code that reaches Process.Start by reflection, aliases, unicode escapes or pieces of names instead of writing it out"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/dotnet/api/system.diagnostics.process.start"
        mitre_att = "T1505.003"
        mitre_att = "T1059.003"
        mitre_att = "T1620"
        id = "871bbdc9-17a7-5df3-b2d5-368aa7ecbb2a"
    strings:
        $a = /GetMethod\s?\(\s?["']?(St["']\s?\+|Start["']|["']S["']\s?\+)[^;]{0,120}/
        $b = /(\\u0050\\u0072\\u006f|P\\u0072o|Pro["']\s?\+\s?["']cess|"ces[s]"|\\U0{6}50)/ nocase
        $c = /using\s{1,3}\w{1,12}\s?=\s?System\.Diagnostics\.Process(StartInfo)?\s?;/
        $d = /Activator\s?\.\s?CreateInstance\s?\([^;]{0,160}(WScript\.Shell|Shell\.Application|Diagnostics\.Process)/
        $e = /GetTypeFromProgID\s?\(\s?["'](WScript\.Shell|Shell\.Application|WScript\.Shell\.1)["']/ nocase
        $req = /\bRequest\s?(\.\s?\w{1,20}\s?)?[\[(.]|\.Text\b/
    condition:
        aspx_page
        and filesize < 200KB
        and $req
        and any of ($a, $b, $c, $d, $e)
}

rule WEBSHELL_ASPX_Encrypted_Assembly_Agent {
    meta:
        description = "Detects ASP.NET agents that decrypt the request body with a fixed key, load the bytes as an assembly and create an instance of its class"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1620/"
        mitre_att = "T1505.003"
        mitre_att = "T1620"
        id = "ee394458-e1f9-584f-bfe2-8b3fc6ed3707"
    strings:
        $key = /(RijndaelManaged|Aes\.Create|AesCryptoServiceProvider|TripleDES|CreateDecryptor|TransformFinalBlock)/
        $load = /(Assembly\s?\.\s?Load\s?\(|GetMethod\s?\(\s?["']Load["']|\.Load\s?\(\s?\w{1,20}\s?\)\s?\.\s?CreateInstance|["']Load["']\s?,)/
        $inst = /(CreateInstance\s?\(\s?["']\w{1,20}["']|\.Equals\s?\(\s?(this|Context|HttpContext|context|o|\w{1,12})\s?\)|GetType\s?\(\s?\)\s?\.\s?GetMethod|Activator\.CreateInstance)/
        $body = /(BinaryRead\s?\(|InputStream|Convert\.FromBase64String\s?\(\s?(\w{1,12}\.)?(Request|context)|Context\.Request|Session\s?\[\s?["']\w{1,20}["']\s?\]|Request\s?\[|Request\.Headers)/
        $xor = /\[\s?\w{1,3}\s?(\] \^= |\] = )[^;]{0,40}\^?\s?\w{1,12}\[\s?\(?\w{1,3}\s?(\+\s?1)?\)?\s?(&\s?15|%\s?\w{1,12}\.Length)\s?\]|\(byte\)\s?\(?\w{1,12}\[\w{1,3}\]\s?\^/
    condition:
        aspx_page
        and filesize < 100KB
        and $load
        and $inst
        and $body
        and any of ($key, $xor)
}

rule WEBSHELL_ASPX_Deserialise_Request {
    meta:
        description = "Detects ASP.NET code that hands request data to a formatter known to run code (BinaryFormatter, LosFormatter, ObjectStateFormatter, XamlReader)"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/dotnet/standard/serialization/binaryformatter-security-guide"
        mitre_att = "T1505.003"
        mitre_att = "T1620"
        id = "f2239389-947f-54c7-8125-6477c35a1612"
    strings:
        $f = /(BinaryFormatter|LosFormatter|ObjectStateFormatter|SoapFormatter|NetDataContractSerializer|XamlReader)/
        $d = /\.\s?(Deserialize|Parse|Load|ReadObject)\s?\(\s?(new\s{1,3}(System\.IO\.)?MemoryStream\s?\(\s?)?((System\.)?Convert\.FromBase64String\s?\(\s?)?(\w{1,12}\.)?(Request|request|Context\.Request|context\.Request)\s?[.\[(]/
        $d2 = /=\s?(\w{1,12}\.)?(Request|Context\.Request|context\.Request)\s?(\.\w{1,12})?[\[(][^;]{1,60};[^;]{0,160};?[^;]{0,100}\.Deserialize\s?\(/
    condition:
        aspx_page
        and filesize < 60KB
        and $f
        and any of ($d*)
}

rule WEBSHELL_ASPX_Virtual_Path_Ghost {
    meta:
        description = "Detects code that registers a virtual path provider, route, filter or listener at run time, as fileless shells inside the IIS worker do"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/dotnet/api/system.web.hosting.virtualpathprovider"
        mitre_att = "T1505.003"
        mitre_att = "T1505.004"
        id = "3601d3d9-0117-5ca6-9569-c5e6214f6fcf"
    strings:
        $a = /HostingEnvironment\.RegisterVirtualPathProvider(Internal)?/
        $b = /RouteTable\.Routes\.(Insert|Add)\s?\(/
        $c = /GlobalFilters\.Filters\.Add\s?\(/
        $d = /HttpListener\s?\(\s?\)/
        $x = /(Process\s?\.\s?Start|ProcessStartInfo|Assembly\s?\.\s?Load\s?\(|FromBase64String\s?\(|cmd\.exe|\beval\s?\()/
        $in = /(Request\s?[.\[(]|InputStream|Headers\s?\[|QueryString)/
    condition:
        aspx_page
        and filesize < 100KB
        and any of ($a, $b, $c, $d)
        and $x
        and $in
}

rule WEBSHELL_ASPX_Cloak_Spam_Proxy {
    meta:
        description = "Detects ASP.NET pages that answer search engines, or visitors sent by them, with text fetched from a foreign address"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/essentials/spam-policies"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "83de6c42-498d-5927-842b-96c3c5de3e7c"
    strings:
        $ua = /(UserAgent|HTTP_USER_AGENT|UrlReferrer|HTTP_REFERER)/
        $eng = /(Contains|IndexOf|IsMatch|Regex|Split)\s?\([^;]{0,120}(google|baidu|bing|yahoo|sogou|yandex|spider|360)/ nocase
        $get = /(WebClient|HttpWebRequest|WebRequest\.Create|HttpClient|DownloadString|DownloadData)/
        $out = /Response\s?\.\s?(Write|BinaryWrite|Redirect)\s?\(/
        $fp1 = "namespace "
    condition:
        aspx_page
        and filesize < 60KB
        and all of ($ua, $eng, $get, $out)
        and not $fp1
}

rule WEBSHELL_ASPX_Upload_Save_As {
    meta:
        description = "Detects short ASP.NET pages or handlers that save posted files or base64 fields under a name from the request, without any check"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://owasp.org/www-community/vulnerabilities/Unrestricted_File_Upload"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "5172a323-20a0-5a49-9611-e66c40a9bcae"
    strings:
        $a = /\.SaveAs\s?\([^;]{0,80}(\.FileName|Request\s?[.\[(]|MapPath\s?\(\s?["'][^"']{0,4}["']\s?\)|\w{1,12}\.Text)/
        $b = /(WriteAllBytes|WriteAllText)\s?\([^;]{0,80}(Request\s?[.\[(]|\w{1,12}\.Text)[^;]{0,160}/
        $c = /(StreamWriter|File\.Create|FileStream|CreateText)\s?\([^;]{0,60}(Request\s?[.\[(]|\w{1,12}\.Text\b)/
        $w = /\.(Write|WriteLine|CopyTo)\s?\([^;]{0,60}(Request|\w{1,12}\.Text|FromBase64String)/
        $fp1 = /(GetExtension|EndsWith|ContentType|ContentLength|IsAuthenticated|namespace |Inherits\s?=|CodeBehind|CodeFile|AntiForgery|MaxLength)/
    condition:
        aspx_page
        and filesize < 6KB
        and ($a or $b or ($c and $w))
        and not $fp1
}

rule WEBSHELL_ASPX_Panel_Controls {
    meta:
        description = "Detects ASP.NET command panels: a text box for a command, the command interpreter and its redirected output, shown in a label or pre element"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1059/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.003"
        id = "0557c3e3-a898-53d8-89f6-fe6c0ce48225"
    strings:
        $cmd = /(cmd\.exe|["']\/c ["']|"\/c"|powershell\.exe|\/bin\/(ba)?sh|ComSpec)/ nocase
        $out = /RedirectStandardOutput\s?=\s?true/ nocase
        $psi = /(ProcessStartInfo|Process\s?\.\s?Start|new\s{1,2}(System\.Diagnostics\.)?Process\s?\()/
        $in = /(\w{1,30}\.Text\b|Request\s?[.\[(]|\.Value\b|Cookies\s?\[)/
        $ui = /(asp:TextBox|<textarea|<input|Response\.Write|<pre>)/ nocase
        $fp1 = /(ffmpeg|svn\.exe|git\.exe|Inherits\s?=|CodeBehind)/ nocase
    condition:
        aspx_page
        and filesize < 300KB
        and all of ($cmd, $out, $psi, $in, $ui)
        and not $fp1
}

rule WEBSHELL_ASPX_Sql_Command_Page {
    meta:
        description = "Detects ASP.NET pages that send free SQL text from a form to a server whose connection string is also typed in, with xp_cmdshell at hand"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/sql/relational-databases/system-stored-procedures/xp-cmdshell-transact-sql"
        mitre_att = "T1505.003"
        mitre_att = "T1059.003"
        id = "294b3ad0-e9c3-5cb8-b4b4-1ecf83bf7816"
    strings:
        $x = /(xp_cmdshell|sp_oacreate|sp_configure|xp_dirtree)/ nocase
        $c = /(SqlConnection|OleDbConnection|OdbcConnection)\s?\(/
        $r = /(ExecuteReader|ExecuteNonQuery|SqlDataAdapter|ExecuteScalar|OleDbDataAdapter)/
        $in = /(\w{1,30}\.Text\b|Request\s?[.\[(]|\.Value\b)/
        $fp1 = /(namespace |Inherits\s?=|CodeBehind|ConfigurationManager)/
    condition:
        aspx_page
        and filesize < 300KB
        and all of ($x, $c, $r, $in)
        and not $fp1
}

rule WEBSHELL_ASPX_Memory_Alloc {
    meta:
        description = "Detects ASP.NET pages that import memory and thread functions of the system and run bytes of the page or the request as machine code"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1055/"
        mitre_att = "T1505.003"
        mitre_att = "T1055"
        id = "00242cad-165d-5fb2-ac3a-c084957c1f65"
    strings:
        $i = /DllImport\s?\(\s?["'](kernel32|ntdll|kernel32\.dll|ntdll\.dll)["']/ nocase
        $a = /(VirtualAlloc(Ex)?|NtAllocateVirtualMemory|HeapCreate|VirtualProtect)\s?\(/
        $t = /(CreateThread|QueueUserAPC|EnumSystemLocales|CallWindowProc|GetDelegateForFunctionPointer|NtCreateThreadEx|CreateRemoteThread|RtlMoveMemory|Marshal\.Copy)\b/
    condition:
        aspx_page
        and filesize < 1MB
        and $i
        and $a
        and $t
}

rule WEBSHELL_ASPX_Escaped_Source {
    meta:
        description = "Detects ASP.NET and JScript.NET source that hides identifiers by unicode escapes, zero-width characters or comments inside of names"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/dotnet/csharp/language-reference/language-specification/lexical-structure"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "8269c9e1-1bae-5caa-90de-67c7b00a941a"
    strings:
        $u = /(\\u00[2-7][0-9a-f]){4}/ nocase
        $uu = /\\U0000[0-9a-f]{4}[^"'\n]{0,4}\\U0000[0-9a-f]{4}/
        // suppress: P003 -- invisible characters have three bytes
        $z = /[a-zA-Z](\xe2\x80[\x8b-\x8f]|\xef\xbb\xbf)[a-zA-Z]/
        $com = /\w\/\*[^*\n]{1,60}\*\/\.\/\*[^*\n]{1,60}\*\/\w{1,20}/
        $x = /(eval|Process|Assembly|Request|Invoke|Load|Reflection|\\u0065)/
        $page = /<%@\s{0,4}(page|webhandler|webservice)\b|<script[^>]{0,40}runat/ nocase
    condition:
        aspx_page
        and filesize < 200KB
        and $page
        and $x
        and (#u > 2 or #uu > 1 or #z > 3 or #com > 3)
}

rule WEBSHELL_ASPX_Import_And_Sink_Only {
    meta:
        description = "Detects very small ASP.NET pages or handlers that consist of an import of process, socket or compiler classes and one statement with request data"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "dc812a99-7e8e-5ffb-b704-132953fa6b1e"
    strings:
        $imp = /(import\s{1,4}namespace\s?=\s?["']|using\s{1,4})System\.(Diagnostics|Net\.Sockets|Reflection|CodeDom|Management(\.Automation)?|Management\.Automation\.Runspaces)/ nocase
        $full = /System\.(Diagnostics\.Process|Net\.Sockets\.TcpClient|CodeDom\.Compiler|Management\.Automation)/
        $req = /(Request\s?(\.\s?(Form|QueryString|Params|Headers|Item|Cookies)\s?)?[\[(]|BinaryRead|InputStream|\.Text\s?\))/
        $x = /(\.Start\s?\(|\.Connect\s?\(|\.Invoke\s?\(|CompileAssemblyFromSource|AddScript\s?\(|\.Load\s?\()/
        $fp1 = /(namespace [A-Z]|Inherits\s?=|CodeBehind|Trace\.)/
    condition:
        aspx_page
        and filesize < 3KB
        and any of ($imp, $full)
        and $req
        and $x
        and not $fp1
}

rule WEBSHELL_ASPX_Web_Service_Command {
    meta:
        description = "Detects web services and handlers (.asmx, .ashx, .soap) whose public method runs a command, writes a file or evaluates text from its arguments"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.003"
        id = "f78abbaf-36d6-5100-bb1b-89c5a6018374"
    strings:
        $svc = /<%@\s{0,4}webservice\b[^%]{0,120}%>/ nocase
        $m = /\[\s?(WebMethod|System\.Web\.Services\.WebMethod)[^\]]{0,40}\]|<\s?WebMethod[^>]{0,20}>|WebMethodAttribute/ nocase
        $x = /(Process\.Start|ProcessStartInfo|Assembly\.Load\s?\(|WriteAllBytes|WriteAllText|FromBase64String|\beval\s?\(|RedirectStandardOutput)/
        $soap = /(SoapClientTarget|soap:address\s|http\.sys|wsdl:|SoapParameter)[^%]{0,400}(Process|File\.Write|<%|Assembly)/
    condition:
        filesize < 60KB
        and (($svc and $m and $x) or ($soap and $x))
}

rule WEBSHELL_ASPX_Registry_Or_Key_Reader {
    meta:
        description = "Detects ASP.NET pages that print machine keys, connection strings or decrypted configuration sections to anyone who asks"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1552/004/"
        mitre_att = "T1505.003"
        mitre_att = "T1552.004"
        id = "efe07f0e-fcc2-5117-a24a-c934d374dffd"
    strings:
        $a = /(MachineKeySection|GetApplicationConfig|machineKey|ValidationKey|DecryptionKey)/
        $b = /(UnprotectSection|ProtectedConfiguration|ConnectionStrings\s?\[|GetSection\s?\(\s?["'](system\.web\/machineKey|connectionStrings))/
        $out = /Response\s?\.\s?Write\s?\([^;]{0,120}(Key|ConnectionString|cfg\.|config|section|mkType|\.Invoke)/ nocase
        $page = /<%@\s{0,4}(page|webhandler)\b|<script[^>]{0,40}runat/ nocase
        $fp1 = /(Inherits\s?=|CodeBehind|namespace )/
    condition:
        filesize < 20KB
        and $page
        and $out
        and ($a or $b)
        and not $fp1
}

rule WEBSHELL_ASPX_Razor_Page {
    meta:
        description = "Detects Razor pages that start processes, load assemblies or write files with text of the request inside the page itself"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/aspnet/core/mvc/views/razor"
        mitre_att = "T1505.003"
        mitre_att = "T1059.003"
        id = "660f65b0-6a2d-5659-8ca2-aecab45a6c79"
    strings:
        $at = /@(using\sSystem|functions\s?\{|page\b|inject\s|Html\.|Response\.|Request\[|model\s)/
        $x = /(Process\.Start\s?\(|ProcessStartInfo\s?\(|new Process\s?\(|Assembly\.Load\s?\(|CSharpCodeProvider)/
        $req = /Reques[t](\.(Form|Query|QueryString|Params|Headers|Item))?\s?\[/
        $tag = "<%"
    condition:
        filesize < 60KB
        and all of ($at, $x, $req)
        and not $tag
}
