// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Classic ASP (VBScript and JScript). `conn.execute` is the everyday
// database call, so a sink never follows a dot here.

private rule asp_server_code {
    strings:
        $tag = "<%"
        $server = /(runat="server|runat='server|runat=server|runat = "server|runat=\\"server|runat ="server|runat= "server)/ nocase
    condition:
        any of them
}

private rule asp_reads_request {
    strings:
        $req = /(request\(|request \(|request\.form|request\.querystring|request\.item|request\.servervariables|request\.cookies|request\.binaryread)/ nocase
    condition:
        $req
}

rule WEBSHELL_ASP_Eval_Request {
    meta:
        description = "Detects classic ASP or JScript code evaluation of request data, as in one-line shells of the China Chopper kind"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/scripting-articles/0z5x4094(v=vs.84)"
        mitre_att = "T1505.003"
        mitre_att = "T1059.005"
        mitre_att = "T1059.007"
        id = "6b567096-e2f6-5694-ada9-69d17b1d48cf"
    strings:
        $vb = /[^.\w](eval request|eval\(request|eval \(request|execute request|execute\(request|execute \(request|executeglobal request|executeglobal\(request|executeglobal \(request)\s{0,3}(\(|\[|\.\s?(item|form|query|cook|serv|binary|param|head))/ nocase
        $vb2 = /[^.\w](eval session|eval\(session|eval \(session|execute session|execute\(session|execute \(session|executeglobal session|executeglobal\(session)\s?\(\s?["']/ nocase
        $js = /[^.\w]eval\s{0,4}\([^;<\n]{0,80}(request\.item|request\.form|request\.querystring|request\.cookies|request\.params|request\.headers|request\(|\(request\[)/ nocase
        $sc = /\.\s?addcode\s{0,3}\(?\s{0,3}["']?[^\n]{0,20}\brequest\s?[(.]/ nocase
        $open = /<%([^%]{0,120}[^.\w%])?(eval|execute|executeglobal)([\s(&]|\/\*[^*]{0,40}\*\/){1,8}(\w{1,12}\s?\(\s?){0,2}(request\(|\(request\[|request\.item|request\.form|request\.query|request\.cookie|request\.server|request\.binary|request\.param|request\.head)/ nocase
        $wrap = /[^.\w](eval|execute|executeglobal)[\s(]{1,4}["']?(\w{1,12}\s?\(\s?)?(trim\(request|cstr\(request|replace\(request|strreverse\(request|unescape\(request|ucase\(request|lcase\(request|mid\(request|decode\(request|htmlencode\(request)\s?[.(]/ nocase
        $join = /(eva[l]""&request|eva[l]""&\(request|eva[l]"" & request|execut[e]""&request|execut[e]""&\(request|execut[e]"" & request|executegloba[l]""&request)/ nocase
        $quoted = /("request\(""|" request\(""|"\(request\("")/ nocase
        $sink = /[^.\w](execute |execute\(|eval |eval\(|executeglobal |executeglobal\()/ nocase
    condition:
        filesize < 2MB
        and asp_server_code
        and (any of ($vb, $vb2, $open, $js, $wrap, $sc, $join) or ($quoted and $sink))
}

rule WEBSHELL_ASP_Request_Variable_Executed {
    meta:
        description = "Detects a small classic ASP page that stores request data in a variable or session and executes it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.005"
        id = "54614d04-abe0-53fc-9797-256fcaa7fe74"
    strings:
        $set = /[\w)]\s?=\s?(trim\s?\(|cstr\s?\(|unescape\s?\()?\s?(request\(|request \(|request\.form|request\.querystring|request\.item|request\.cookies|request\.servervariables)/ nocase
        $run = /[:\s>%](execute|executeglobal|eval)[ (]{1,2}(\w{1,20}|session\(["'][^"'\n]{1,20}["']\))\s?\)?\s{0,4}(:|%>|\r|\n|<\/script|end if|else)/ nocase
        $fp1 = "conn.execute(" nocase
        $fp2 = "ADODB.Recordset" nocase
    condition:
        filesize < 4KB
        and asp_server_code
        and $run
        and ($set or (asp_reads_request and filesize < 1KB))
        and none of ($fp*)
}

rule WEBSHELL_ASP_Decoded_Execute {
    meta:
        description = "Detects classic ASP code that executes text built by a decoder, reversal, character codes or concatenated characters"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/scripting-articles/342311f1(v=vs.84)"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "5f17ed8d-e002-524f-96c8-3039f863c5ea"
    strings:
        $a = /[^.\w>](execute |execute\(|eval |eval\(|executeglobal |executeglobal\()[\s(]{0,2}(strreverse|replace|unhex|join|chrw?|mid)\s?\(/ nocase
        $b = /[^.\w](eval |eval\(|execute |execute\(|executeglobal |executeglobal\(|eval""|execute"")\s?(&\s?\(?\s?)?(["']\w{1,6}["']\s?&\s?){2}/ nocase
        $c = /[^.\w](execute |execute\(|eval |eval\(|executeglobal |executeglobal\()\s?\w{1,20}\s?\(\s?"(%?\d{2,3}[%,| ]){6}/ nocase
        $d = /\d\s?(\)&chr\(|\) & chr\(|\)&chrw\(|\) & chrw\(|\)\+chr\(|\) \+ chr\(|\)& chr\(|\) &chr\()(&h[0-9a-f]{1,2}|\d{1,3}(\s?[-+]\s?\d{1,3})?)\s?\)\s?[&+]\s?chrw?\(/ nocase
        $e = /[^.\w>](execute |execute\(|executeglobal |executeglobal\()\s?\w{1,40}\s?\(\s?\w{0,20}/ nocase
        $loop = /(&chr\(|& chr\(|&chrw\(|& chrw\()\s?(asc|ascw|cint|clng|eval|\w{1,20})\s?\([^\n]{1,60}(-|\+|xor|\))/ nocase
        $fp1 = "ADODB.Recordset" nocase
        $rev = /tseuqe[r][ (]{1,3}(lav[e]|etucex[e]|labolgetucex[e])/ nocase
        $nest = /(execute\(eval\(|execute eval\(|eval\(eval\(|execute\(execute\(|execute \(eval\()/ nocase
        $func = /(=replace\(|= replace\(|=strreverse\(|= strreverse\(|&chr\(|& chr\(|&chrw\(|& chrw\(|=split\(|= split\()/ nocase
        $endf = "end function" nocase
        $run = /[^.\w>](execute |execute\(|executeglobal |executeglobal\()[\s(]{0,2}(unescape|\w{0,12}(dec|uncode|jiemi|unencode|base64|fun|bin|deasc)\w{0,12})\s?\(/ nocase
        $block = /<%([^%>]{0,120}[^.\w%>])?(eval\(unescape\(|eval unescape\(|eval\(decode|eval decode|eval\(decrypt|eval\(uncode|eval\(unencode|eval\(jiemi|eval\(base64)/ nocase
    condition:
        // programs hold both marks by chance
        uint32be(0) != 0x7F454C46
        and filesize < 1MB
        and asp_server_code
        and (
            any of ($a, $run, $block, $b, $c, $rev, $nest)
            or ($d and $e and not $fp1)
            or ($loop and $e)
            or (all of ($e, $func, $endf) and filesize < 8KB)
        )
}

rule WEBSHELL_ASP_Split_Object_Name {
    meta:
        description = "Detects classic ASP code that creates scripting objects under names cut into pieces, reversed or given by class id, to avoid a text search"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "d9ae326c-7885-523a-a672-213af7250b6c"
    strings:
        $split = /createobject\s?\(\s?["'](\w{1,12}\.?\w{0,6})?["']\s?&\s?["']/ nocase
        $piece = /["']\s?&\s?["'][a-z.]{0,12}(ell|object|ject|stream|ream|ipt|tem)["']/ nocase
        $obf = /createobject\s?\(\s?\w{0,12}(strreverse|replace|chr|decode|unescape|jiemi|decrypt|fun)\w{0,8}\s?\(/ nocase
        $clsid1 = /<object[^>]{0,200}clsid\s?:\s?(72C24DD5-D70A-438B-8A42-98424B88AFB8|F935DC22-1CF0-11D0-ADB9-00C04FD58A0B|13709620-C279-11CE-A49E-444553540000|0D43FE01-F093-11CF-8940-00A0C9054228)/ nocase
        $clsid2 = /new:\{?(72C24DD5-D70A-438B-8A42-98424B88AFB8|F935DC22-1CF0-11D0-ADB9-00C04FD58A0B|13709620-C279-11CE-A49E-444553540000|093FF999-1EA0-4079-9525-9614C3504B74)/ nocase
    condition:
        filesize < 1MB
        and asp_server_code
        and (($split and $piece) or $obf or $clsid1 or $clsid2)
}

rule WEBSHELL_ASP_Command_Shell {
    meta:
        description = "Detects classic ASP pages that start commands from the request through WScript.Shell, Shell.Application or a hidden variant"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/windows-scripting/ateytk4a(v=vs.84)"
        mitre_att = "T1505.003"
        mitre_att = "T1059.003"
        id = "961635e0-ad05-5ded-a2d6-beedfbc96e16"
    strings:
        $obj = /createobject\s{0,3}\(?\s{0,3}["'](wscript\.shell(\.1)?|shell\.application(\.1)?|shell\.users|scriptcontrol|msscriptcontrol\.scriptcontrol)["']/ nocase
        $run = /\.\s?(exec |exec\(|run\(|run |run \(|shellexecute)\s{0,3}\(?\s{0,3}[^\n]{0,60}(cmd|request|comspec|\/c)/ nocase
    condition:
        filesize < 1MB
        and asp_server_code
        and $obj
        and $run
        and asp_reads_request
}

rule WEBSHELL_ASP_Write_Request {
    meta:
        description = "Detects small classic ASP pages that write request data, a fetched page or the request body to a server file under a chosen name"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "bfd30b5d-8358-59c7-bce1-207ee4d3eaff"
    strings:
        $fso = /createobject\s{0,3}\(?\s{0,3}["'](scripting\.filesystemobject|adodb\.stream|microsoft\.xmlhttp|msxml2\.(server)?xmlhttp)/ nocase
        $path = /\.\s?(createtextfile|opentextfile|savetofile)\s{0,3}\(?\s{0,3}(server\.mappath\s?\(\s?)?(request\s?[(.]|["'][^"'\n]{1,60}\.(asp|asa|cer|cdx|aspx|php)["'])/ nocase
        $path2 = /\.\s?(createtextfile|savetofile)\s{0,3}\(?\s{0,3}(server\.mappath\s?\(\s?)?\w{1,30}\s?[,)\r\n]/ nocase
        $pathvar = /(path|file|name)\w{0,12}\s?=\s?(trim\s?\(|server\.mappath\s?\(|replace\s?\()?\s?(request\(|request \(|request\.form|request\.querystring|request\.item)/ nocase
        $data = /\.\s?write(line|text)?\s{0,3}\(?\s{0,3}(request\s?[(.]|\w{1,20}\.responsebody|\w{0,20}(data|content|text|code)\w{0,12})/ nocase
        $area = "<textarea" nocase
        $fp1 = "ADODB.Recordset" nocase
        $fp2 = "<!--#include" nocase
    condition:
        filesize < 8KB
        and $fso
        and $data
        and none of ($fp*)
        and ($path or ($path2 and $pathvar and $area))
}

rule WEBSHELL_ASP_Panel_Capabilities {
    meta:
        description = "Detects classic ASP administration panels of intruders by combined capabilities: file system, commands, databases, services and ports"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1083"
        id = "1118539b-2500-540f-a493-c8784029a703"
    strings:
        $o1 = /(wscript"?\s?&?\s?"?\.?"?\s?&?\s?"?shell|shell"?\s?&?\s?"?\.appl)/ nocase
        $o2 = /(scripting\.|scr"\s?&\s?"?ipt)[^\n]{0,20}(filesystemobject|mobject)/ nocase
        $o3 = /adodb"?\s?&?\s?"?\.?"?\s?&?\s?"?stream/ nocase
        $o4 = /(wscript\.network|adox\.catalog|microsoft\.xmlhttp|msxml2\.)/ nocase
        $c1 = "cmd.exe" nocase
        $c2 = "xp_cmdshell" nocase
        $c3 = /(43958|LocalAdministrator|serv-?u|-SETDOMAIN)/ nocase
        $c4 = /(winnt:\/\/|net user |localgroup administrators)/ nocase
        $c5 = /\b(deletefile|deletefolder|copyfile|movefile|copyfolder)\b/ nocase
        $c6 = /\b(regread|hklm\\|hkey_local_machine)/ nocase
        $c7 = /server\.scripttimeout\s?=\s?999/ nocase
        $c8 = /(chr\(|chrw\()\d{2,3}\)\s?&\s?chrw?\(\d{2,3}\)\s?&\s?chrw?\(/ nocase
        $c9 = /(sp_oacreate|sp_oamethod|xp_regwrite|xp_dirtree|openrowset)/ nocase
        $t = /(<title>|title\s?=|mname\s?=|copyright)[^\n]{0,80}(shell|hack|backdoor|trojan|\xc4\xbe\xc2\xed|\xe6\x9c\xa8\xe9\xa9\xac)/ nocase
    condition:
        filesize < 1MB
        and asp_server_code
        and asp_reads_request
        and 2 of ($o*)
        and (4 of ($c*) or ($t and 2 of ($c*)))
}

rule SUSP_ASP_Script_Encoder {
    meta:
        description = "Detects server-side scripts stored with the Microsoft script encoder, rarely used in legitimate sites and common for concealed shells"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 55
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/scripting-articles/xw61tyx3(v=vs.84)"
        mitre_att = "T1027"
        mitre_att = "T1505.003"
        id = "3b8127a4-11a3-5d97-bdb2-96c2f62ec4ae"
    strings:
        $marker = /#@~\^[A-Za-z0-9+\/]{6}==/
        $lang1 = /<%@[^>]{0,60}language\s?=\s?["']?(vbscript|jscript)\.encode/ nocase
        $lang2 = /<script[^>]{0,80}(vbscript|jscript)\.encode[^>]{0,60}/ nocase
        $runat = /runat\s?=\s?["']?server/ nocase
        $tag2 = /<%\s{0,6}#@~\^/
    condition:
        filesize < 1MB
        and $marker
        and ($lang1 or ($lang2 and $runat) or $tag2)
}

rule WEBSHELL_ASP_Image_Polyglot {
    meta:
        description = "Detects an image header in front of ASP or ASPX code that executes or takes request data"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1036/008/"
        mitre_att = "T1505.003"
        mitre_att = "T1036.008"
        id = "d0333c0a-66fb-5fae-9f1e-749c45321f83"
    strings:
        $tag = "<%"
        $server = /<script[^>]{0,80}runat/ nocase
        $sink = /(eval request|eval\(request|execute request|execute\(request|executeglobal|request\.item|request\.form|request\.querystring|server\.createobject|process\.start|response\.write|wscript\.shell)/ nocase
    condition:
        filesize < 10MB
        and (
            uint32be(0) == 0x47494638
            or uint32be(0) == 0x89504E47
            or (uint16be(0) == 0xFFD8 and uint8(2) == 0xFF)
            or (uint16be(0) == 0x424D and uint32(6) == 0)
        )
        and any of ($tag, $server)
        and $sink
}
