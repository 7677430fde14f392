// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Classic ASP beyond the plain eval: sinks reached by detours, spam pages and
// tools for files, databases and accounts.

// suppress: D001 -- each file compiles alone
private rule asp_page {
    strings:
        $tag = "<%"
        $script = /(runat="server|runat='server|runat=server|runat = "server|runat=\\"server|runat ="server|runat= "server)/ nocase
    condition:
        any of them
}

// suppress: D001 -- each file compiles alone
private rule asp_takes_request {
    strings:
        $req = /(request\(|request \(|request\.form|request\.querystring|request\.item|request\.servervariables|request\.cookies|request\.binaryread)/ nocase
    condition:
        $req
}

rule WEBSHELL_ASP_Function_Returns_Sink {
    meta:
        description = "Detects server-side JScript in which a function returns or aliases eval, or reaches it by brackets, and request data are passed to it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1059/007/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.007"
        id = "fca8edee-0ad1-541c-9333-cbf6a19e61d2"
    strings:
        $a = /(return|=)\s{0,3}\(?(eval[;}\s\)]|new Function\s?\(\s?(\w{0,10}\)|request)|Function\(\w{0,10}\))|return\s{0,3}\(?this\s?\[\s?["']\w{0,4}["']\s?\+/ nocase
        $b = /(this|window|global|\b\w{1,4})\s?\[\s?["'](eval["']|\\x65|\\u0065)|(this\[|window\[|global\[)["'](e|ev|eva)["']\s?\+/
        $lang = /(language="jscript|language='jscript|language=jscript|language = "jscript|language="javascript" runat|language='javascript' runat|language=javascript runat|runat="server" language="javascript|runat=server language=javascript|runat="server" language='javascript|<%@ language="javascript|<%@ language=javascript|<%@language="javascript|<%@language=javascript|<%@ language = "javascript|<%@ page language="jscript)/ nocase
    condition:
        asp_page
        and asp_takes_request
        and filesize < 20KB
        and $lang
        and any of ($a, $b)
}

rule WEBSHELL_ASP_Execute_Comment_Or_Case {
    meta:
        description = "Detects VBScript sinks separated from the request by continuation lines, underscores, brackets, comments or string functions"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/scripting-articles/03t418d2(v=vs.84)"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "547785a7-ad57-5bf2-ae4b-8474d0694f1a"
    strings:
        $a = /[:\s>=](execute|eval|executeglobal)\s{0,6}_\s{0,3}\r?\n\s{0,12}\(?\s{0,6}(request\(|request \(|request\.form|request\.item|request\.query)/ nocase
        $b = /[:\s>=](execute|eval|executeglobal)\s{0,6}\(\s{0,4}(\w{1,10}\s?\(\s?)?(ucase\(request|lcase\(request|trim\(request|cstr\(request|replace\(request|mid\(request|left\(request|right\(request|unescape\(request|strreverse\(request|split\(request|join\(request|array\(request)/ nocase
        $c = /[:\s>=](execute|eval|executeglobal)\s{0,4}\(?\s{0,4}(request\.totalbytes|request\.binaryread|request\.servervariables|request\.cookies|request\.clientcertificate)/ nocase
        $d = /[:\s>=](execute|eval|executeglobal)\s{0,4}\(?\s{0,4}(session\(["']|application\(["']|cells\(["']|server\.urlencode\(["'])\w{1,12}["']\s?\)/ nocase
        $fp1 = /\.execute\s?\(?\s?session/ nocase
    condition:
        asp_page
        and filesize < 100KB
        and any of ($a, $b, $c, $d)
        and not $fp1
}

rule WEBSHELL_ASP_Remote_Code_Fetch {
    meta:
        description = "Detects ASP that fetches text by an HTTP object and executes it, or writes it as a page that can be called"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/previous-versions/windows/desktop/ms757849(v=vs.85)"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "7146aec0-031e-5e86-818c-3b4fa4333bd3"
    strings:
        $http = /(microsoft|msxml2|winhttp)["'\s&]{0,6}\.["'\s&]{0,6}(server)?(xmlhttp|winhttprequest)/ nocase
        $exe = /[:\s>=](execute |execute\(|executeglobal |executeglobal\()[\s(]{0,4}(\w{1,20}\.response(text|body)|bytestobstr\s?\(|\w{0,12}(get|http|bytes)\w{0,12}\s?\()/ nocase
        $save = /\.savetofile\s{0,3}\(?\s{0,3}server\.mappath\s?\(\s?["'][^"'\n]{1,40}\.(asp|aspx|asa|cer|php|ashx)["']/ nocase
        $write = /\.(createtextfile|opentextfile)\s?\(\s?server\.mappath\s?\(\s?["'][^"'\n]{1,40}\.(asp|aspx|asa|cer|php)["'][^\n]{0,400}response(text|body)/ nocase
    condition:
        asp_page
        and filesize < 100KB
        and $http
        and any of ($exe, $save, $write)
}

rule WEBSHELL_ASP_Cloak_Spam_Proxy {
    meta:
        description = "Detects ASP pages that test the visitor for search engines and answer with text fetched from another server"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/essentials/spam-policies"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "d0afdbe0-38f5-5da7-b523-ae9c9ff42a7c"
    strings:
        $ua = /http_(user_agent|referer)/ nocase
        $eng = /(instr|replace|regexp|pattern|split)[^\n]{0,120}(google|baidu|yahoo|bing|sogou|spider|soso|360)/ nocase
        $http = /(xmlhttp|winhttprequest)/ nocase
        $out = /response\.write[\s(]{1,3}[^\n]{0,40}(responsetext|responsebody|bytestobstr|gethttp|gethtml|getcode|getbody|http\w{0,12}\(|\bstr|\bhtml|\bcontent|\bcode)/ nocase
        $url = /("https?:\/\/|'https?:\/\/|"h" & "t|"h"&"t|"ht" ?&|"htt"\s?&|chr\(104\))/ nocase
    condition:
        asp_page
        and filesize < 60KB
        and all of them
}

rule WEBSHELL_ASP_Server_Object_By_Variable {
    meta:
        description = "Detects ASP that creates automation objects from class identifiers, reversed or coded names, and uses their methods on request data"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/previous-versions/iis/6.0-sdk/ms525185(v=vs.90)"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "dc622e8b-8c15-5b14-9d23-94270b2a63be"
    strings:
        $rev = /(llehs\.tpircsw|tcejbometsyse[l]|maerts\.bdoda|noitacilppa\.llehs|ptthlm[x]|tseuqe[r]|etucex[e])/ nocase
        $obj = /<object\s[^>]{0,120}(progid|classid)\s?=\s?["']?(clsid:)?(w["']?\s?\+|wscript\.shell|shell\.application)[^>]{0,120}runat\s?=\s?["']?server/ nocase
        $obj2 = /<object\s[^>]{0,60}runat\s?=\s?["']?server[^>]{0,120}(wscript\.shell|shell\.application|72C24DD5-D70A|F935DC22-1CF0)/ nocase
        $use = /request\s?[.(]|\.run\b|\.exec\b|\.savetofile/ nocase
    condition:
        asp_page
        and filesize < 300KB
        and $use
        and any of ($rev, $obj, $obj2)
}

rule WEBSHELL_ASP_Database_Command_Tool {
    meta:
        description = "Detects ASP pages that run operating system commands through the database server (xp_cmdshell, sp_oacreate, job or sandbox tricks) from a form"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/sql/relational-databases/system-stored-procedures/xp-cmdshell-transact-sql"
        mitre_att = "T1505.003"
        mitre_att = "T1059.003"
        id = "89b5c457-c608-58e4-b962-a42fb2bb03db"
    strings:
        $x = /(xp_cmdshell|sp_oacreate|sp_oamethod|xp_regwrite|sp_add_job|xp_dirtree|sp_makewebtask|sp_addextendedproc)/ nocase
        $run = /\.\s?(execute|open)\s{0,3}\(?/ nocase
        $con = /(driver\s?=\s?\{?sql|provider\s?=\s?sqloledb|;uid=|user id\s?=|password\s?=)/ nocase
    condition:
        asp_page
        and asp_takes_request
        and filesize < 300KB
        and $x
        and $run
        and $con
}

rule WEBSHELL_ASP_Upload_Without_Check {
    meta:
        description = "Detects short ASP pages that save request data under a name from the request, by stream or text file, without any test of the extension"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://owasp.org/www-community/vulnerabilities/Unrestricted_File_Upload"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "4bdae8f7-67fd-5220-b0af-7a37bf12bbd9"
    strings:
        $stream = /adodb["'\s&]{0,6}\.["'\s&]{0,6}stream/ nocase
        $fso = /scripting["'\s&]{0,6}\.["'\s&]{0,6}filesystemobject/ nocase
        $save = /\.savetofile\s{0,3}\(?\s{0,3}(server\.mappath\s?\(\s?)?(request|\w{1,20}\s?[,&)]|["'])/ nocase
        $text = /\.createtextfile\s{0,3}\(?\s{0,3}(server\.mappath\s?\(\s?)?(request\s?[.(]|\w{0,12}path\w{0,8}\s?[,)&])/ nocase
        $put = /\.write(line|text)?\s{0,3}\(?\s{0,3}(request\s?[.(]|\w{0,12}(data|text|body|cyfd\w{0,6}|file)\w{0,8})/ nocase
        $fp1 = /(instr|ucase|lcase|right)\s?\([^\n]{0,60}\.(jpg|gif|png|doc|pdf)|allowed|#include|recordset/ nocase
    condition:
        asp_page
        and filesize < 6KB
        and asp_takes_request
        and (($stream and $save) or ($fso and $text and $put))
        and not $fp1
}

rule WEBSHELL_ASP_Account_And_Service_Tool {
    meta:
        description = "Detects ASP that creates accounts, attacks an FTP service on its local port or changes services to gain the rights of the system"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1136/001/"
        mitre_att = "T1505.003"
        mitre_att = "T1136.001"
        id = "c9e7727a-5989-5204-b536-35fdeecff932"
    strings:
        $a = /winnt:\/\/[^\n]{0,60}(administrators|["']\s?&)[^\n]{0,200}(\.setpassword|\.add\s?\(?|\.setinfo|getobject)/ nocase
        $b = /(site maintenance|-setdomain|-setu[s]ersetup|-dele[t]edomain)/ nocase
        $c = /(net user|net localgroup)\s{1,3}[^\n]{1,60}\/add/ nocase
        $d = /(4395[8]|127\.0\.0\.1:?["']?\s?&?\s?\w{0,8}port)/ nocase
    condition:
        asp_page
        and filesize < 1MB
        and asp_takes_request
        and ($a or ($b and $d) or $c)
}

rule WEBSHELL_ASP_Char_Arithmetic_Decoder {
    meta:
        description = "Detects ASP decoder functions that walk a text by Mid, compute each character by Asc and Chr and hand the result to Execute"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1140/"
        mitre_att = "T1505.003"
        mitre_att = "T1140"
        id = "28180a95-ce0c-562a-8518-8e8b1391cbc9"
    strings:
        $loop = /(to len\(|to len \(|to ubound\(|to ubound \()/ nocase
        $calc = /(chr\(|chrw\()\s?(asc\w?|eval|cint|clng|cdbl|int|\w{1,8})\s?\(\s?(mid|midb|split|\w{1,12}\s?\(|["']?&h)/ nocase
        $calc2 = /&\s?(chr\(|chrw\()\s?\w{1,10}\s?(-|\+|xor|\/|\*)\s?\w{1,10}\s?\)/ nocase
        $exe = /(^|[:\s>])(execute |execute\(|executeglobal |executeglobal\()\s{0,3}\w{1,30}\s?(\(|\)|$|\r|\n|%>|:)/ nocase
        $fp1 = /recordset|#include/ nocase
    condition:
        asp_page
        and filesize < 300KB
        and $loop
        and any of ($calc*)
        and $exe
        and not $fp1
}

rule WEBSHELL_ASP_Unicode_Or_Utf7_Page {
    meta:
        description = "Detects ASP pages that declare an unusual code page (UTF-7) or hold their code in doubled bytes or full-width text, then execute it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/previous-versions/iis/6.0-sdk/ms525789(v=vs.90)"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "64893cf7-1b4e-581a-8143-f250697ac9ff"
    strings:
        $cp = /@[^%>]{0,40}codepage\s?=\s?["']?65000/ nocase
        $s = /(executeglobal|execute|eval)\s{0,3}\(?\s{0,3}strconv\s?\(|chrb\s?\(\s?ascb/ nocase
    condition:
        asp_page
        and ($cp or ($s and filesize < 40KB))
}

rule WEBSHELL_ASP_Panel_Words {
    meta:
        description = "Detects ASP file managers and command panels by captions and function names that they share across languages, beside their objects"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        id = "c7264211-3a9f-5084-ba14-6224edaa863e"
    strings:
        $o = /(wscript\.shell|scripting\.filesystemobject|shell\.application|adodb\.stream)/ nocase
        $w1 = /(zombie_?kod|kacak|fso\s?explorer|cmdasp|aspyqanalyser|rhtools|\befso|ntdaddy|xiao\s?lu|remote\s?explorer|asp\s?cmd\s?shell|elmaliseker|tuzhi|reader\sasp)/ nocase
        $w2 = /(\xcc\xe1\xc8\xa8|\xc9\xcf\xb4\xab\xc4\xbe\xc2\xed|\xb9\xd2\xc2\xed|\xd2\xbb\xbe\xe4\xbb\xb0\xc4\xbe|\xe6\x8f\x90\xe6\x9d\x83|\xe4\xb8\x80\xe5\x8f\xa5\xe8\xaf\x9d\xe6\x9c\xa8|\xe6\x8c\x82\xe9\xa9\xac)/
        $w3 = /(execute cmd|execute command|command execution|[^_]cmdshell|run cmd|webshell[^_]|web shell[^_]|aspspy|aspxspy|mass deface|self remove)/ nocase
        $f = /(deletefile|deletefolder|copyfile|movefile|createfolder|\.exec\s?\(|\.run\s?\()/ nocase
    condition:
        asp_page
        and filesize < 1MB
        and $o
        and $f
        and any of ($w*)
}

rule WEBSHELL_ASP_Execute_Stored_Text {
    meta:
        description = "Detects ASP that executes text read from a file, a database field, the registry or a cookie, so that the page itself holds no shell"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1059/005/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.005"
        id = "ef286d83-dc6d-5b2f-92c7-6cc0523e6b7e"
    strings:
        $a = /[:\s>](execute |execute\(|eval |eval\(|executeglobal |executeglobal\()\s{0,3}\w{0,20}(\.readall|\.readtext|\.loadfromfile)\b/ nocase
        $b = /[:\s>](execute |execute\(|eval |eval\(|executeglobal |executeglobal\()\s{0,3}\w{1,20}\s?\.?\s?\(?["']\w{0,20}(code|shell|cmd)\w{0,10}["']\s?\)/ nocase
        $c = /[:\s>](execute |execute\(|eval |eval\(|executeglobal |executeglobal\()\s{0,3}\w{0,20}\.?opentextfile\s?\([^\n]{1,120}\)\.readall/ nocase
        $fp1 = /#include|\.execute\s?\(?\s?rs\(/ nocase
    condition:
        asp_page
        and filesize < 40KB
        and any of ($a, $b, $c)
        and not $fp1
}
