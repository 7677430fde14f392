// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// JSP and JSPX. A gate string keeps Java sources of servers and test suites
// out: the rules look at server pages only.

private rule jsp_code {
    strings:
        $tag = "<%"
        $xml = "<jsp:" nocase
    condition:
        any of them
}

rule WEBSHELL_JSP_Runtime_Exec_Request {
    meta:
        description = "Detects server pages that pass request data straight to Runtime.exec or ProcessBuilder"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.oracle.com/javase/8/docs/api/java/lang/Runtime.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "49513142-83e4-5e68-9fa5-c823518d7321"
    strings:
        $a = /\.\s?exec\s?\([^;]{0,80}(request\.getParameter|request\.getHeader|request\.getQueryString|request\.getInputStream|request\.getReader)/
        $b = /\bnew\s{1,4}(java\.lang\.)?ProcessBuilder\s?\([^;]{0,100}(request\.getParameter|request\.getHeader)/
        $el = /getRuntime[^;\n]{0,80}exec[^;\n]{0,80}(\$\{)?param[.\[]/
        $cf = "<cfscript" nocase
    condition:
        filesize < 500KB
        and (jsp_code or $cf)
        and any of ($a, $b, $el)
}

rule WEBSHELL_JSP_Command_Page {
    meta:
        description = "Detects server pages that read a request parameter and start a process, with the output sent back"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.oracle.com/javase/8/docs/api/java/lang/ProcessBuilder.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "1cce8b35-de35-5b6d-8121-5442173a2f83"
    strings:
        $run1 = /\bgetRuntime\s?\(\s?\)[\s\r\n]{0,20}\.\s?exec\s?\(/
        $run2 = /\bnew\s{1,4}(java\.lang\.)?ProcessBuilder\s?\(/
        $run3 = /\bRuntime\s{1,3}\w{1,20}\s?=\s?[^;]{0,30}getRuntime\s?\(\s?\)\s?;/
        $run4 = /Run<!\[CDATA\[|<!\[CDATA\[(time|ec\(|Runtime)/
        $run5 = /\bnew\s{1,4}(java\.beans\.)?(Statement|Expression)\s?\(\s?(java\.lang\.)?Runtime/
        $req = /\b(getParameter|getHeader|getQueryString|getParameterValues|getParameterMap)\s?\(|\{\s?param\./
        $out = /(getInputStream\s?\(|InputStreamReader|\.execute\s?\(|\.getValue\s?\(|IOUtils)/
        $fp1 = "<%@ taglib" nocase
    condition:
        filesize < 500KB
        and jsp_code
        and any of ($run*)
        and $req
        and $out
        and not $fp1
}

rule WEBSHELL_JSP_Define_Class {
    meta:
        description = "Detects server pages that define a Java class from request data or an encoded literal and instantiate it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.oracle.com/javase/8/docs/api/java/lang/ClassLoader.html"
        mitre_att = "T1505.003"
        mitre_att = "T1620"
        id = "76443951-b000-51f1-86df-516187c78fad"
    strings:
        $def1 = /\bdefineClass\b/
        $def2 = /\bextends\s{1,4}(java\.lang\.)?ClassLoader\b/
        $def3 = /\bdefineAnonymousClass\b/
        $def4 = /\bnew\s{1,4}(java\.net\.)?URLClassLoader\s?\(/
        $src1 = /\b(getParameter|getReader|getInputStream|getHeader)\s?\(/
        $src2 = /(BASE64Decoder|Base64|decodeBuffer|DatatypeConverter)/
        $go = /\b(newInstance|invoke|equals\s?\(\s?(pageContext|new Object|request|session))/
    condition:
        filesize < 500KB
        and jsp_code
        and any of ($def*)
        and any of ($src*)
        and $go
}

rule WEBSHELL_JSP_Reflection_Hidden {
    meta:
        description = "Detects server pages that reach process or script classes by reflection under concealed names"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "f6285836-dd95-516c-bd82-52b05e85a237"
    strings:
        $bytes = /new\s{1,3}String\s?\(\s?new\s{1,3}byte\s?\[\s?\]\s?\{\s?(106|99|101|103|0x6a|0x65)\s?,/
        $b64 = /(amF2YS5sYW5nLlJ1bnRpbWU|amF2YS5sYW5nLlByb2Nlc3|Z2V0UnVudGltZQ|ZGVmaW5lQ2xhc3M)/
        $split = /["']java\.lang\.(Run|R|Ru|Runt|Proc|Process)?["']\s?\+\s?["']/
        $split2 = /("ex"|'ex'|"exe"|"get"|"getRun")\s?\+\s?["'](ec|c|Run|Runtime|time)|("e"\+"x|"e" \+ "x)/
        $forname = /Class\s?\.\s?forName\s?\(\s?[^"'\s)]/
        $getm = /\.\s?getMethod\s?\(\s?[^"'\s)]/
        $inv = /\.\s?invoke\s?\(/
        $name = /["']java\.lang\.(Runtime|ProcessBuilder|ProcessImpl|UNIXProcess|ProcessEnvironment)["']/
        $req = /\b(getParameter|getHeader|getReader|getQueryString)\s?\(/
    condition:
        filesize < 500KB
        and jsp_code
        and $req
        and (
            any of ($bytes, $b64, $split, $split2)
            or ($forname and $getm and $inv)
            or ($name and $inv)
        )
}

rule WEBSHELL_JSP_Script_Engine {
    meta:
        description = "Detects server pages that hand request data or concealed script text to a script engine, expression language or deserialiser"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.oracle.com/javase/8/docs/api/javax/script/ScriptEngineManager.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059.007"
        id = "fe4b9c87-dc15-5309-a8dc-31f04295678f"
    strings:
        $e1 = "ScriptEngineManager"
        $e2 = /\bELProcessor\b/
        $e3 = /\bcreateValueExpression\s?\(/
        $e4 = /\bXMLDecoder\b/
        $e5 = /\bJdbcRowSetImpl\b/
        $e6 = /\bSpelExpressionParser\b|\bOgnl\b|\bGroovyShell\b/
        $go = /\.\s?(eval|getValue|readObject|setDataSourceName|lookup|evaluate|parseExpression)\s?\(/
        $req = /(request\.getParameter|request\.getHeader|request\.getReader|request\.getInputStream|\{param\.|\{param\[|\(param\.)/
        $el = "{param"
    condition:
        filesize < 200KB
        and (jsp_code or $el)
        and any of ($e1, $e2, $e3, $e4, $e5, $e6)
        and $go
        and $req
}

rule WEBSHELL_JSP_BCEL {
    meta:
        description = "Detects server pages that load a class from a BCEL encoded string"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1620"
        mitre_att = "T1027"
        id = "956dfbdf-8f97-5d06-9391-91c076ae3c58"
    strings:
        $a = "$$BCEL$$"
        $b = /bcel\.internal\.util\.ClassLoader/
        $c = /BCEL[^;]{0,40}\+[^;]{0,60}request\s?\./
        $go = /\b(loadClass|forName|newInstance)\s?\(/
    condition:
        filesize < 500KB
        and jsp_code
        and any of ($a, $b, $c)
        and $go
}

rule WEBSHELL_JSP_Escaped_Source {
    meta:
        description = "Detects server pages whose Java code is hidden by unicode escapes, character entities or CDATA cuts"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "4f3879e5-4dcd-58a4-845f-606f743f7a88"
    strings:
        $uni = /(\\u00|\\uu00|\\uuu00|\\uuuu00|\\uuuuuuuu00)[0-9a-f]{2}(\\u{1,8}00[0-9a-f]{2}){11}/ nocase
        $ent = /(&#x[0-9a-f]{2};){12}/ nocase
        $cdata = /<!\[CDATA\[[^\]]{1,20}\]\]>\w{1,20}<!\[CDATA\[/
        $ext = /<jsp:scriptlet>/ nocase
    condition:
        filesize < 500KB
        and jsp_code
        and ($uni or ($ext and ($ent or $cdata)))
}

rule WEBSHELL_JSP_Write_Request {
    meta:
        description = "Detects small server pages that write request data to a file whose path comes from the request"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "7b182e46-2d3a-5269-ba03-200cf7d6ce8c"
    strings:
        $w1 = /new\s{1,4}(java\.io\.)?(FileOutputStream|FileWriter|PrintWriter|RandomAccessFile)\s?\([^;]{0,120}(request\s?\.\s?getParameter|application\s?\.\s?getRealPath|getServletContext\s?\(\s?\)\s?\.\s?getRealPath)/
        $w2 = /new\s{1,4}(java\.io\.)?(FileOutputStream|FileWriter|PrintWriter|BufferedWriter)\s?\(/
        $pathvar = /\b\w{0,12}(path|file|name|dir)\w{0,8}\s?=\s?[^;\n]{0,20}request\s?\.\s?getParameter/ nocase
        $newfile = /new\s{1,4}(java\.io\.)?File\s?\(\s?(\w{0,12}(path|file|name|dir)\w{0,8}|request\s?\.)/ nocase
        $out = /\.\s?(write|println|print)\s?\(\s?(\w{0,12}(content|data|code|text|bytes|str|t|b|buf|bs)\w{0,6}|request|\w{1,12}\.getBytes)/ nocase
        $req = /request\s?\.\s?get(Parameter|InputStream|Reader|Part)\s?\(/
        $fp1 = "<%@ taglib" nocase
    condition:
        filesize < 8KB
        and jsp_code
        and $req
        and $out
        and not $fp1
        and ($w1 or ($w2 and $pathvar and $newfile))
}

rule WEBSHELL_JSP_Panel_Capabilities {
    meta:
        description = "Detects server-page file and command panels of intruders by combined capabilities"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1083"
        id = "2c1c067b-a43d-581e-a181-3df372c9c2a2"
    strings:
        $c2 = /\b(File\.listRoots|listFiles)\s?\(/
        $c4 = /\bDriverManager\s?\.\s?getConnection\s?\(/
        $c5 = /System\s?\.\s?getPropert(y|ies)\s?\(/
        $c6 = /\bZip(OutputStream|Entry|InputStream)\b/
        $c7 = /\bnew\s{1,4}(java\.net\.)?(Socket|ServerSocket)\s?\(/
        $c8 = /\.\s?(delete|renameTo|setLastModified|mkdirs?)\s?\(/
        $c10 = /multipart\/form-data/
        $req = /(request\.getParameter|request\.getInputStream)/
        $x1 = /\bgetRuntime\s?\(\s?\)/
        $x2 = /\b(FileOutputStream|RandomAccessFile)\b/
        $x3 = /(cmd\.exe|"cmd"|'cmd'|cmd \/c|\/bin\/sh|\/bin\/bash)/
    condition:
        filesize < 1MB
        and jsp_code
        and $req
        and any of ($x*)
        and 5 of ($x*, $c*)
}
