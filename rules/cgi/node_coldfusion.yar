// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Shells for Node servers and for ColdFusion.

private rule cf_text {
    strings:
        $tag = /<cf(set|output|execute|file|param|if|script|component|function|query|http|abort|directory|include|try|loop|form)\b/ nocase
    condition:
        $tag
}

rule WEBSHELL_CFM_Execute {
    meta:
        description = "Detects ColdFusion pages that run programs by cfexecute or the execute function with a form, URL or CGI value, or with a shell as the program"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://helpx.adobe.com/coldfusion/cfml-reference/coldfusion-tags/tags-d-e/cfexecute.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059.003"
        id = "ae408260-7f5f-5b77-ae4e-e94a1984bfa9"
    strings:
        $a = /<cfexecute[^>]{0,120}(name|arguments)\s?=\s?["']?#?\s?(form|url|cgi|variables|cookie|attributes|session)?\.?\w{0,20}(cmd|command|exec|opts|name|arg|prog|c)\w{0,10}#/ nocase
        $b = /<cfexecute[^>]{0,120}name\s?=\s?["'](c:\\+windows\\+system32\\+)?(cmd(\.exe)?|\/bin\/(ba)?sh|sh|powershell(\.exe)?)["']/ nocase
        $c = /cfexecute\s?\(\s?[^;]{0,80}(form|url|cgi)\.\w/ nocase
        $in = /(form|url|cgi|cookie)\.\w{1,20}|<cfparam|isdefined\s?\(|<cfoutput/ nocase
    condition:
        cf_text
        and filesize < 1MB
        and $in
        and any of ($a, $b, $c)
}

rule WEBSHELL_CFM_Java_Object {
    meta:
        description = "Detects ColdFusion pages that reach Java classes for processes, class loading or sockets by createObject or cfobject with request values"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://helpx.adobe.com/coldfusion/cfml-reference/coldfusion-functions/functions-c-d/createobject.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "b5dfe590-78cd-5e18-9092-2b37e2709e16"
    strings:
        $a = /(createobject\s?\(\s?["']java["']\s?,\s?["']|<cfobject[^>]{0,80}class\s?=\s?["'])java\.lang\.(Runtime|ProcessBuilder|Process|ClassLoader)/ nocase
        $b = /createobject\s?\(\s?["'](java|com|\.net)["']\s?,\s?["'](java\.net\.URLClassLoader|java\.net\.Socket|javax\.script\.ScriptEngineManager|wscript\.shell|shell\.application|java\.util\.jar)/ nocase
        $c = /(getRuntime\s?\(\s?\)\s?\.\s?exec|\.exec\s?\(|\.start\s?\(|\.eval\s?\(|\.loadClass|defineClass|newInstance)/ nocase
        $in = /(form|url|cgi|cookie)\.\w{1,20}|#form\[|gethttprequestdata/ nocase
    condition:
        cf_text
        and filesize < 1MB
        and any of ($a, $b)
        and $c
        and $in
}

rule WEBSHELL_CFM_Evaluate_Request {
    meta:
        description = "Detects ColdFusion pages that evaluate, render or include request values, or write them as a template and include it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://helpx.adobe.com/coldfusion/cfml-reference/coldfusion-functions/functions-e-g/evaluate.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "8476a2e2-cff9-5204-91ce-580115d0bbb1"
    strings:
        $a = /(evaluate\(|precisionevaluate\(|evaluate \(|\biif\(|\bde\()\s?["']?#?\s?(form|url|cookie|cgi)[.\[]/ nocase
        $b = /<cffile[^>]{0,80}action\s?=\s?["']?(write|append)["']?[^>]{0,160}(form|url)\.\w/ nocase
        $c = /<cfinclude[^>]{0,40}template\s?=\s?["']#?(form|url|fname|tmp|cookie)/ nocase
        $d = /<cffile[^>]{0,80}(file|output)\s?=\s?["'][^"']{0,80}\.(cfm|jsp|cfc|php|aspx?)["']/ nocase
    condition:
        cf_text
        and filesize < 60KB
        and ($a or ($b and ($c or $d)))
}

rule WEBSHELL_CFM_File_Manager {
    meta:
        description = "Detects ColdFusion pages that list folders and read, write, upload or delete files named by request values, or test data sources"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://helpx.adobe.com/coldfusion/cfml-reference/coldfusion-tags/tags-d-e/cfdirectory.html"
        mitre_att = "T1505.003"
        mitre_att = "T1083"
        id = "676ed195-bfca-5871-b166-938ff2ed92e9"
    strings:
        $l = /<cfdirectory[^>]{0,120}directory\s?=\s?["']#/ nocase
        $u = /<cffile[^>]{0,60}action\s?=\s?["']?upload["']?[^>]{0,160}destination\s?=\s?["']#?(form|url|expandpath|\w{0,12}(dir|path))/ nocase
        $d = /<cffile[^>]{0,60}action\s?=\s?["']?(delete|readbinary|read|rename|move)["']?[^>]{0,120}#/ nocase
        $x = /<cfexecute|<cfregistry|datasources?\b[^>]{0,40}(password|decrypt)|neo-(datasource|query)\.xml|getdatasources\s?\(/ nocase
        $in = /(form|url)\.\w{1,20}|isdefined\s?\(\s?["'](form|url)/ nocase
        $fp1 = /<cfcomponent|accept\s?=\s?["']image/ nocase
        $own = /<cffile[^>]{0,160}(destination|file|output)\s?=\s?["']?#(form|url|cgi|cookie)\./ nocase
        $put = /<cffile[^>]{0,60}action\s?=\s?["']?(upload|write|append)/ nocase
    condition:
        cf_text
        and filesize < 100KB
        and $in
        and (($l and ($u or $d)) or ($u and $d) or ($x and any of ($l, $u, $d)) or ($own and $put))
        and not $fp1
}

rule WEBSHELL_CFM_Packed {
    meta:
        description = "Detects ColdFusion templates in the vendor's encrypted form that stand alone, or text decoded from base64 and written as a template"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://helpx.adobe.com/coldfusion/developing-applications/"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "d41a65aa-67e9-5532-9f28-6a6da59ea893"
    strings:
        $a = "Allaire Cold Fusion Template"
        $b = /(tobinary|binarydecode|decrypt)\s?\(\s?["'][A-Za-z0-9+\/=]{80}/ nocase
        $w = /(filewrite\s?\(|<cffile[^>]{0,60}action\s?=\s?["']?write)/ nocase
    condition:
        ($a in (0..0) and filesize < 60KB)
        or (cf_text and $b and $w)
}

rule WEBSHELL_Node_Child_Process_Request {
    meta:
        description = "Detects JavaScript servers that hand query, body, header or path of a request to child_process, eval, Function or vm"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://nodejs.org/api/child_process.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059.007"
        id = "1d2c037b-a0c0-5492-a9b8-661cc866d00d"
    strings:
        $a = /\b(exec|execSync|spawn|spawnSync|execFile|execFileSync)\s?\(\s?[^;)\n]{0,60}(req(uest)?\.(query|body|params|headers|url|cookies)|ctx\.(query|request|params)|parsed(Url)?\.query|require\s?\(\s?["']url["']\s?\)\.parse|searchParams\.get|url\.parse\s?\(\s?req)/
        $b = /(\beval\(|\bFunction\(|vm\.runIn\w{3,12}Context\()\s?["'`+\w.\s(]{0,24}(req(uest)?\.(query|body|params|headers|url)|ctx\.(query|request))/
        $v = /\b(cmd|command|c|shell|code|exec_cmd)\s?=\s?[^;\n]{0,40}(req(uest)?\.(query|body|params|headers|url)|url\.parse\s?\(|searchParams|querystring\.parse)/
        $r = /\b(exec|execSync|spawn|spawnSync)\s?\(\s?["'`]?(\$\{)?(cmd|command|c|shell|code|exec_cmd)\b/
        $cp = /child_process|process\.binding|process\.mainModule/
        $srv = /(createServer|express\(|require\('http|require\("http|require\('express|require\("express|require\('koa|require\("koa|require\('fastify|require\("fastify|app\.get\(|app\.post\(|app\.use\(|module\.exports)/
        $fp1 = /(@license|Copyright|describe\s?\(\s?["'])/
    condition:
        filesize < 60KB
        and $srv
        and ($b or ($cp and ($a or ($v and $r))))
        and not $fp1
}

rule WEBSHELL_Node_Connect_Back {
    meta:
        description = "Detects JavaScript that pipes a socket into a shell process and back, as reverse shells for Node do"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1059/007/"
        reference = "https://attack.mitre.org/techniques/T1059/007/"
        mitre_att = "T1059.007"
        mitre_att = "T1071"
        id = "5e799de7-b4c0-556a-a5b9-be3e78520d32"
    strings:
        $net = /(new net\.Socket|net\.connect|net\.createConnection|require\('net'|require\("net"|require\('tls'|require\("tls"|\.connect\(\d{2,5}\s?,)/
        $sh = /(spawn|exec|fork)\s?\(\s?["'](\/bin\/(ba)?sh|cmd(\.exe)?|sh|bash|powershell)["']/
        $p1 = /\.pipe\s?\(\s?\w{1,12}\.stdin\s?\)/
        $p2 = /std(out|err)\.pipe\s?\(\s?\w{1,12}\s?[),]/
        $fp1 = /(@license|Copyright|describe\s?\(\s?["'])/
    condition:
        filesize < 200KB
        and all of ($net, $sh, $p1, $p2)
        and not $fp1
}

rule MAL_Node_Packed_Eval {
    meta:
        description = "Detects JavaScript for servers that evaluates decoded or fetched text with access to files, processes or the environment"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1027/"
        reference = "https://attack.mitre.org/techniques/T1027/"
        mitre_att = "T1027"
        mitre_att = "T1059.007"
        id = "9e56515b-deb8-5b94-9a02-7435a2338d9a"
    strings:
        $a = /\b(eval|Function|vm\.runInThisContext)\s?\(\s?(Buffer\.from\s?\(|atob\s?\(|zlib\.\w{4,14}Sync\s?\(|decodeURIComponent\s?\(\s?escape|unescape\s?\(|String\.fromCharCode\s?\()/
        $b = /(axios|fetch|https?\.get|request|got)\s?(\.get)?\s?\([^;]{0,160}(eval|new\s{1,2}Function)\s?\(\s?\w{0,12}\.?(data|body|text|responseText|cookie|chunk)?/
        $m = /(child_process|require\('fs|require\("fs|require\('os|require\("os|require\('http|require\("http|require\('vm|require\("vm|require\('zlib|require\("zlib|require\('axios|require\("axios|require\('request|process\.env|globalThis\[)/
        $fp1 = /(@license|Copyright|webpack|describe\s?\(\s?["'])/
    condition:
        filesize < 300KB
        and $m
        and any of ($a, $b)
        and not $fp1
}

rule WEBSHELL_CFM_Database_Client {
    meta:
        description = "Detects ColdFusion pages that run SQL of a form on a data source, user and password that the visitor names as well"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://helpx.adobe.com/coldfusion/cfml-reference/coldfusion-tags/tags-p-q/cfquery.html"
        mitre_att = "T1505.003"
        mitre_att = "T1213"
        id = "124392d1-3563-5237-9554-42822151fd78"
    strings:
        $con = /<cfquery[^>]{0,200}(datasource|username|password|dbtype)\s?=\s?["']?#(form|url|attributes)\./ nocase
        $sql = /(>\s{0,20}#\s?(preservesinglequotes\s?\(\s?)?(form|url)\.\w{1,20}|preservesinglequotes\s?\(\s?(form|url)\.)/ nocase
    condition:
        cf_text
        and filesize < 60KB
        and all of them
}
