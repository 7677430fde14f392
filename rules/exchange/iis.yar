// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Modules and configuration of IIS, and tunnels of every server language.

rule MAL_IIS_Native_Module {
    meta:
        description = "Detects native modules for IIS that register for requests and also hold command, upload or credential strings, the extension used as back door"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        mitre_att = "T1505.004"
        id = "953d1d53-635d-57db-99b8-3990e3fab210"
    strings:
        $r = "RegisterModule"
        $h = /(IHttpModule|CHttpModule|OnBeginRequest|OnSendResponse|OnGlobalPreBeginRequest|IHttpContext)/
        $x = /(cmd\.exe\s?\/c|\/bin\/sh|CreateProcess[AW]|WinExec|X-(Chrome-Variations|Password|Cookie|FFEServer|Forwarded-Cmd)|COM_InterProt|VirtualAlloc)/
        $d = /(passwd|password|credential|inject|upload|download|cmd=|exec|dump|ping)[\x00=:|]/ nocase
        $fp1 = "Microsoft Corporation" wide
    condition:
        uint16(0) == 0x5A4D
        and filesize < 5MB
        and $r
        and $h
        and $x
        and $d
        and not $fp1
}

rule MAL_IIS_Managed_Module {
    meta:
        description = "Detects .NET modules and handlers for IIS whose metadata join the module interface with process start, assembly load or credential capture"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        mitre_att = "T1505.004"
        id = "e01dc663-5baa-531b-a4de-7de42a666bd0"
    strings:
        $n = "_CorDllMain"
        $i = /\x00(IHttpModule|IHttpHandler)\x00/
        $b = /(add_BeginRequest|add_PreSendRequestContent|add_EndRequest|add_PostAuthenticateRequest|ProcessRequest)\x00/
        $x1 = /\x00(ProcessStartInfo|set_RedirectStandardOutput)\x00/
        $x2 = /\x00(FromBase64String|TransformFinalBlock|CreateDecryptor)\x00/
        $x3 = /(c\x00m\x00d\x00(\.\x00e\x00x\x00e\x00)?|\/\x00c\x00 \x00)/
        $x4 = /\x00(CompileAssemblyFromSource|CreateInstance|GetExecutingAssembly)\x00/
        $fp1 = /M\x00i\x00c\x00r\x00o\x00s\x00o\x00f\x00t\x00 \x00C\x00o\x00r\x00p/
    condition:
        uint16(0) == 0x5A4D
        and filesize < 300KB
        and $n
        and $i
        and $b
        and 3 of ($x*)
        and not $fp1
}

rule SUSP_IIS_Module_Command {
    meta:
        description = "Detects commands that add a module, handler or global assembly to IIS or read the passwords of application pools"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        reference = "https://learn.microsoft.com/en-us/iis/get-started/getting-started-with-iis/getting-started-with-appcmdexe"
        mitre_att = "T1505.004"
        id = "b368812f-d900-5d05-8b98-5e5d532516d1"
    strings:
        $a = /appcmd(\.exe)?["']?\s{1,3}(install|add)\s{1,3}module\s[^\r\n]{0,120}(image|type):/ ascii wide nocase
        $b = /appcmd(\.exe)?["']?\s{1,3}list\s{1,3}apppools?\s[^\r\n]{0,60}\/text:(\*|processmodel\.password)/ ascii wide nocase
        $c = /gacutil(\.exe)?["']?\s[^\r\n]{0,20}[\/-]i\s[^\r\n]{0,100}(temp|public|programdata|inetpub)/ ascii wide nocase
        $d = /New-WebGlobalModule\s|Publish\.GacInstall\s?\(/ ascii wide nocase
        $w = /(\\temp\\|\\public\\|\\programdata\\|\\inetpub\\|aspnet_client|w3wp|\\windows\\system32\\inetsrv\\\w{1,12}\.dll)/ ascii wide nocase
    condition:
        filesize < 5MB
        and ($b or $c or (any of ($a, $d) and $w))
}

rule WEBSHELL_Tunnel_Header_Protocol {
    meta:
        description = "Detects server scripts that relay sockets by request headers or form commands (connect, read, forward, disconnect), the web tunnels of public tools"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1572/"
        reference = "https://attack.mitre.org/techniques/T1572/"
        mitre_att = "T1572"
        mitre_att = "T1090.001"
        id = "5ef96775-c42d-56d4-954c-862de814c184"
    strings:
        $h = /(X-CMD|X-TARGET|X-PORT|X-STATUS|X-ERROR|HTTP_X_CMD|HTTP_X_TARGET)["']/
        $c1 = /("CONNEC[T]"|'CONNEC[T]'|"connec[t]"|'connec[t]')/
        $c2 = /("DISCONNEC[T]"|'DISCONNEC[T]'|"disconnec[t]"|'disconnec[t]')/
        $c3 = /("FORWAR[D]"|'FORWAR[D]'|"forwar[d]"|'forwar[d]')/
        $c4 = /("REA[D]"|'REA[D]'|"rea[d]"|'rea[d]')/
        $s = /(fsockopen|socket_create|socket_connect|SocketChannel|TcpClient|new\s{1,3}(System\.Net\.Sockets\.)?Socket|net\.Socket|socket\.socket|stream_socket_client)/
        $b = /(Georg says|All seems fine|neoreg|BLVHEADER|HTTPCODE|Tunna|tunna|pivotnacci|ABPTTS|suo5|X-Accel-Buffering)/
    condition:
        filesize < 200KB
        and $s
        and (($h and 3 of ($c*)) or ($b and 2 of ($c*)) or ($b and $h))
}

rule WEBSHELL_Tunnel_Binary_Frames {
    meta:
        description = "Detects server pages that hold a duplex stream open and pass frames between the request body and sockets (chunked reply, no buffering, no timeout)"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1572/"
        reference = "https://attack.mitre.org/techniques/T1572/"
        mitre_att = "T1572"
        id = "b630fbc7-6b31-5865-a749-eadac4c750e8"
    strings:
        $a = /(X-Accel-Buffering|setBufferSize\s?\(\s?512|FlushBuffer|ob_implicit_flush)/
        $b = /(readInputStreamWithTimeou[t]|unmarshalBase6[4]|processDataUnar[y]|processDataBi[o]|dirtyBuffe[r]|newCreat[e]|newDelet[e]|newStatu[s]|newDat[a])/
        $c = /(java\.net\.Socket|SocketChannel|TcpClient|stream_socket_client|fsockopen)/
        $d = /(\bByteBuffer\b|BitConverter|unpack\s?\(\s?["']N|putInt|\^ key|\^key|\^ \(byte|\^\(byte|0xff)/
        $page = /(<\?php|HttpServletReques[t]|HttpContex[t])/
        $tag = "<%"
    condition:
        filesize < 200KB
        and any of ($page, $tag)
        and $c
        and (($b and $d) or ($a and $b))
}

rule MAL_Tunnel_Client_Configuration {
    meta:
        description = "Detects configuration and command lines of port-forwarding tools that intruders start on servers (frp, chisel, ngrok, gost, plink, ew)"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1572/"
        reference = "https://attack.mitre.org/techniques/T1090/"
        mitre_att = "T1572"
        mitre_att = "T1090"
        id = "41c1b3ea-8426-5e08-8a0a-fecd8ea9c629"
    strings:
        $f1 = /\[common\]\s{0,8}(#[^\r\n]{0,40}\s{0,4})?server_addr\s?=\s?\d{1,3}\.\d{1,3}/ nocase
        $f2 = /(plugin\s?=\s?["']?socks5|remote_port\s?=\s?\d{2,5}|type\s?=\s?["']?tcp)/ nocase
        $c = /(chisel client|chisel\.exe client|chisel" client|chisel\.exe" client|chisel_\w{1,16} client)\s[^\r\n]{0,100}(R:|socks)/ ascii wide nocase
        $n = /(ngrok(\.exe)?["']?\s{1,3}(tcp|http)\s{1,3}(3389|22|445|80)|cloudflared\s{1,3}tunnel\s[^\r\n]{0,40}--url\s)/ ascii wide nocase
        $p = /(plink|putty)(\.exe)?["']?\s[^\r\n]{0,100}-(R|D)\s?[^\r\n]{0,30}\d{2,5}[^\r\n]{0,80}-pw\s/ ascii wide nocase
        $g = /(gost(\.exe)?["']?\s{1,3}-L\s?=?\S{2,60}\s{1,3}-F|ligol[o]-|ew(_for_\w{3,8})?(\.exe)?\s{1,3}-s\s{1,3}(rcsocks|rssocks|ssocksd)|nps\s[^\r\n]{0,20}-vkey=|npc(\.exe)?\s[^\r\n]{0,60}-vkey=)/ ascii wide nocase
    condition:
        filesize < 1MB
        and (($f1 and $f2) or any of ($c, $n, $p, $g))
}
