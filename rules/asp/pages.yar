// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Classic ASP pages that offer the server to a visitor without a sink of
// their own: file managers, database clients, probes, loggers, proxies.

private rule asp_text {
    strings:
        $tag = "<%"
        $server = /(runat="server|runat='server|runat=server|runat = "server)/ nocase
    condition:
        any of them
}

rule WEBSHELL_ASP_File_Manager {
    meta:
        description = "Detects ASP file managers in one page: folders listed with their sub folders, files edited in a text area, deleted, copied and made under a path from the visitor"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://learn.microsoft.com/en-us/previous-versions/windows/internet-explorer/ie-developer/windows-scripting/6kxy1a51(v=vs.84)"
        mitre_att = "T1505.003"
        mitre_att = "T1083"
        id = "f11d8f4d-3e14-521d-907d-246577fbb5a2"
    strings:
        $fso = /(scripting\.filesystemobject|0D43FE01-F093-11C[F])/ nocase
        $list = /(\.getfolder\s?\(|\.subfolders)/ nocase
        $drive = /(\.drives\b|\.getdrive\s?\(|\.drivetype|\.drivexists)/ nocase
        $kill = /(\.deletefile|\.deletefolder)/ nocase
        $make = /(\.copyfile|\.movefile|\.copyfolder|\.movefolder|\.createfolder)/ nocase
        $edit = /(\.createtextfile|\.opentextfile|\.loadfromfile|\.savetofile)/ nocase
        $area = "<textarea" nocase
        $request = /(request\(|request \(|request\.form|request\.querystring|request\.cookies)/ nocase
    condition:
        asp_text
        and filesize < 300KB
        and $fso
        and $list
        and $kill
        and $edit
        and $request
        and $area
        and ($drive or $make)
}

rule WEBSHELL_ASP_Database_Client {
    meta:
        description = "Detects ASP database clients for any visitor: server, user and password of the connection are taken from a form, the address or cookies"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1213/"
        mitre_att = "T1505.003"
        mitre_att = "T1213"
        id = "b3ef1b0d-3c58-5387-b1d2-fc4740841c19"
    strings:
        $con = /(user id\s?=|uid\s?=|password\s?=|pwd\s?=|initial catalog\s?=)[^\n]{0,12}["']\s?&\s?(trim\s?\(\s?)?(request\(|request \(|request\.form|request\.querystring|request\.cookies)/ nocase
        $free = /\.\s?(execute|open)[ (]{0,3}(trim\(|cstr\()?(request\(|request\.form|request\.querystring)/ nocase
        $drv = /(sqloledb|driver\s?=\s?\{?sql|microsoft\.jet\.oledb|msdasql|adodb\.connection)/ nocase
    condition:
        asp_text
        and filesize < 300KB
        and $drv
        and any of ($con, $free)
}

rule SUSP_ASP_Component_Probe {
    meta:
        description = "Detects ASP pages that try a list of automation components and print which exist, with facts about the server, as intruders do before they choose a shell"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 45
        reference = "https://attack.mitre.org/techniques/T1082/"
        mitre_att = "T1082"
        id = "2c8e8776-f4b0-599a-a601-74ec0812f4fe"
    strings:
        $a = /Persits\.Upload/ nocase
        $b = /JMail\./ nocase
        $c = /CDONTS\.NewMail/ nocase
        $d = /(SoftArtisans\.|LyfUpload\.|w3\.upload)/ nocase
        $e = /MSWC\./ nocase
        $f = /WScript\.Shell/ nocase
        $info = /(number_of_processors|scriptengine|server_software)/ nocase
    condition:
        asp_text
        and filesize < 200KB
        and $info
        and 4 of ($a, $b, $c, $d, $e, $f)
}

rule SUSP_ASP_Login_Logger {
    meta:
        description = "Detects short ASP pages that append a user name, a password and the address of the visitor to a text file, the collecting part of a forged logon page"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1056/003/"
        mitre_att = "T1056.003"
        id = "802d26f1-eccd-5879-9ef1-1462942034d6"
    strings:
        $open = /\.opentextfile\s?\([^\n]{0,120},\s?8\b/ nocase
        $pass = /request(\.form)?\s?\(\s?"(pass|password|passwd|pwd|upass|user_?pass|p)"\s?\)/ nocase
        $put = /\.write(line)?[ (][^\n]{0,80}(pass|pwd|request)/ nocase
        $ip = "remote_addr" nocase
    condition:
        asp_text
        and filesize < 3KB
        and all of ($open, $pass, $put, $ip)
}

rule WEBSHELL_ASP_Writes_Own_Page {
    meta:
        description = "Detects ASP pages that append text of the visitor to their own source file, so that anything sent becomes part of a program of the server"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        id = "0d22fb85-85f3-52a6-8e1d-312fced4cfba"
    strings:
        $own = /(script_name|path_info|path_translated|url)"\s?\)/ nocase
        $open = /\.(opentextfile|createtextfile)\s?\(\s?server\.mappath\s?\(\s?(request\.servervariables|\w{1,12}\s?\))/ nocase
        $var = /\b(ff|self|me|myself|thisfile|url|fn|f|page|script\w{0,8})\s?=\s?request\.servervariables\s?\(\s?"(script_name|path_info|url)"/ nocase
        $put = /\.write(line)?[ (]/ nocase
        $form = /request(\.form)?\s?\(/ nocase
    condition:
        asp_text
        and filesize < 6KB
        and all of them
}

rule WEBSHELL_ASP_Script_Control {
    meta:
        description = "Detects ASP that hands request data to the script control or another engine object, a way to evaluate text without the words of the language"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1059/005/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.005"
        id = "d94fb657-5957-58df-b558-334c572e6957"
    strings:
        $obj = /(scriptcontrol|0E59F1D5-1FBE-11D0)/ nocase
        $run = /\.\s?(addcode|executestatement|eval\s?\(|run[ (])[^\n]{0,60}request\s?[.("]/ nocase
        $give = /\.addobject\s?\(?\s?"request"/ nocase
    condition:
        asp_text
        and filesize < 100KB
        and $obj
        and any of ($run, $give)
}

rule WEBSHELL_ASP_Writes_Shell {
    meta:
        description = "Detects ASP that writes a new page whose text evaluates the request, whole or with its tags and words cut into pieces"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "30058eb0-5583-544b-bde5-3077e85f680f"
    strings:
        $plain = /\.\s?(write|writeline|writetext)[ (]{1,3}[^\n]{0,80}(<%|"<"\s?&\s?"%|chr\(60\)|&lt;%)[^\n]{0,60}(eval request|eval\(request|eval \(request|execute request|execute\(request|execute \(request|executeglobal request|executeglobal\(request)/ nocase
        $cut = /("<"&"[%]|"<" & "[%]|"<[%]"&|"<[%]" &)[^\n]{0,120}(execute|eval|"ex"|"ev")/ nocase
        $file = /(createtextfile|opentextfile|savetofile|writetext)/ nocase
    condition:
        asp_text
        and filesize < 300KB
        and $file
        and any of ($plain, $cut)
}

rule WEBSHELL_ASP_Host_Reporting_Proxy {
    meta:
        description = "Detects ASP pages that send their own host name, address or query to a foreign server and print or store what it answers, as planted search spam does"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/essentials/spam-policies"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "5b22b1af-fc77-5f2a-91b1-19652e77a48c"
    strings:
        $http = /(xmlhttp|winhttprequest)/ nocase
        $self = /(=" ?& ?[^\n]{0,40}(request\.servervariables\("http_|request\.servervariables\("server_name|request\.servervariables\("query_string|request\.servervariables\("remote_addr|request\.servervariables\("script_name|request\.servervariables\("url)|="&hos[t]|=" & hos[t]|="&domai[n]|=" & domai[n]|="&refere[r]|="&server_nam[e])/ nocase
        $url = /"h(ttps?:\/\/|"\s?&\s?"ttp|t"\s?&\s?"tp|tt"\s?&\s?"p)/ nocase
        $out = /(response\.write|response\.binarywrite|\.savetofile|\.writetext)/ nocase
        $body = /(responsetext|responsebody|bytestobstr)/ nocase
    condition:
        asp_text
        and filesize < 60KB
        and all of them
}

rule WEBSHELL_ASP_Search_Redirect {
    meta:
        description = "Detects ASP pages that test the referer for several search engines and send only those visitors to another address or load a script for them"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/essentials/spam-policies"
        mitre_att = "T1505.003"
        id = "9ac6f947-2d75-5258-a25d-6630181fdcfe"
    strings:
        $ref = /(http_referer|http_user_agent)/ nocase
        $e1 = "baidu" nocase
        $e2 = "google" nocase
        $e3 = "sogou" nocase
        $e4 = "yahoo" nocase
        $e5 = "soso.com" nocase
        $e6 = "haosou" nocase
        $e7 = /(so\.com|360spider|youdao)/ nocase
        $e8 = "bing" nocase
        $e9 = "yisou" nocase
        $go = /(response\.redirect[ (]{1,2}"https?:\/\/|location\.href\s?=\s?\\?["']https?:\/\/|<script[^>\n]{0,60}src=["']{0,3}https?:\/\/[^>\n]{1,80}\.js)/ nocase
        $test = /(instr\s?\(|split\s?\(|regexp)/ nocase
    condition:
        asp_text
        and filesize < 20KB
        and $ref
        and $go
        and $test
        and 3 of ($e*)
}

rule SUSP_HTML_Defacement_Page {
    meta:
        description = "Detects pages left by defacers: a title that says who broke in, in the usual words"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1491/002/"
        mitre_att = "T1491.002"
        id = "065d66b4-ee7f-5ad3-8049-b75ddd046699"
    strings:
        $more = /(greetz|greets to|we are legion|security is low|your system|hacked|defac|touched by|indonesia)/ nocase
        $t = "<title>" nocase
        $w = /([>\[(|:!=~-]\s{0,2}hacked by|h4cked by|0wned by|pwned by|defaced by|\[locked|h4x0red by)/ nocase
    condition:
        filesize < 300KB
        and $t
        and $w in (0..3000)
        and $more
}

rule WEBSHELL_ASP_Site_Packer {
    meta:
        description = "Detects ASP that packs the files of a site into a database file, or unpacks such a file, so that all of it can be fetched by one request"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1560/"
        mitre_att = "T1505.003"
        mitre_att = "T1560"
        id = "295337d0-4875-5cbf-be8a-0d2e6058c08b"
    strings:
        $cat = /(adox\.catalog|create table \w{1,20}\([^\n]{0,80}(image|longbinary|oleobject))/ nocase
        $stream = /adodb\.stream/ nocase
        $load = /(\.loadfromfile|\.savetofile)/ nocase
        $walk = /(\.subfolders|\.getfolder|\.namespace\s?\()/ nocase
        $row = /(\.addnew|\("\w{0,12}content"\)|getchunk|appendchunk)/ nocase
        $req = /(request\(|request\.form|request\.querystring)/ nocase
    condition:
        asp_text
        and filesize < 300KB
        and all of them
}

rule WEBSHELL_ASP_Remote_Download {
    meta:
        description = "Detects short ASP pages that fetch an address of the request and save the answer on the server under a name of the request"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1105/"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "1a6e961f-6692-55f1-b456-96a7fc308da0"
    strings:
        $http = /(xmlhttp|winhttprequest)/ nocase
        $open = /\.open\s?\(?\s?"(get|post)"\s?,\s?(trim\s?\()?(request|\w{0,12}(url|path|file|http|addr)\w{0,8})/ nocase
        $save = /\.savetofile\s?\(?\s?(server\.mappath\s?\(\s?)?(request|\w{1,20}\s?[,)])/ nocase
        $body = /\.responsebody/ nocase
        $req = /(request\(|request\.form|request\.querystring)/ nocase
        $fp1 = /(\.jpg|\.gif|\.png|<!--#include)/ nocase
    condition:
        asp_text
        and filesize < 8KB
        and all of ($http, $open, $save, $body, $req)
        and not $fp1
}
