// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Java pages, sources and classes beyond the plain command page: loaders,
// expression languages, disguised source and shells that live in memory.

private rule jsp_page {
    strings:
        $tag = "<%"
        $jspx = /<jsp:(root|scriptlet|declaration|expression)/
    condition:
        any of them
}

rule WEBSHELL_JSP_Define_Class_Request {
    meta:
        description = "Detects Java pages with a class loader of their own that defines a class from request bytes, decoded or decrypted, and makes an instance of it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1620/"
        mitre_att = "T1505.003"
        mitre_att = "T1620"
        id = "8ca519bb-f0bb-55b8-b9fa-1629f9d17c43"
    strings:
        $def = /(defineClas[s]|["']defineC["']\s?\+|getDeclaredMethod\s?\(\s?["']define|defineAnonymousClas[s]|defineHiddenClass)/
        $src = /(getReader\(\)|getParameter\(|getInputStream\(\)|getHeader\(|\$\{param|getCookies\(|getAttribute\(|getSession\()/
        $new = /(newInstance\s?\(|\.equals\s?\(\s?(pageContext|request|new\s|\w{1,6}\s?\))|getDeclaredConstructor)/
    condition:
        jsp_page
        and filesize < 100KB
        and all of ($def, $src, $new)
}

rule WEBSHELL_JSP_Expression_Language {
    meta:
        description = "Detects expression language in a page or template that reaches Runtime, ScriptEngine or reflection, often with a request parameter as code"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://jakarta.ee/specifications/expression-language/"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "483d7bc6-3c85-57a6-b574-8a0e1f9b0968"
    strings:
        $a = /[$#]\{[^}\n]{0,200}(getRuntime[\s"'(]{1,3}|ProcessBuilder|ScriptEngineManager|getEngineByName|java\.lang\.Runtime|forName\s?\()/
        $b = /(\{param\.\w{1,20}|\{pageContext\.request|\{requestScope|\{header)[^}\n]{0,60}(getClass|\.class\b|forName|invoke)/
        $c = /ExpressionFactory|ELProcessor|createValueExpression\s?\(/
        $d = /(\.eval\s?\(|createValueExpression\s?\(|getValue\s?\()[^;]{0,80}(request\.getParameter|request\.getHeader|param\.)/
        $e = /(%\{|\$\{)\(?#\w{1,20}\s?=[^}\n]{0,200}(@java\.lang\.Runtime|ognl\.OgnlContext|new\s{1,2}java\.lang\.ProcessBuilder)/
    condition:
        filesize < 200KB
        and (any of ($a, $b, $e) or ($c and $d))
}

rule WEBSHELL_JSP_Reflection_Strings {
    meta:
        description = "Detects Java pages that build names of classes and methods from bytes, base64, reversed or joined text and invoke them with request data"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1027/010/"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "4f8ec5da-2f81-5301-855d-91587c620f56"
    strings:
        $a = /new\s{1,3}String\s?\(\s?new\s{1,3}(byte|char)\s?\[\s?\]\s?\{\s?\d{1,3}\s?,/
        $b = /forName\s?\(\s?(new\s{1,3}String\s?\(|\w{1,12}\s?\(\s?["']|["']ja["']\s?\+|["']java["']\s?\+|["']java\.l["']\s?\+|StringBuilder|\w{1,12}\s?\+|new\s{1,3}StringBuffer)/
        $c = /get(Declared)?Method\s?\(\s?(new\s{1,3}String\s?\(|\w{1,12}\s?\(\s?["']|["']get["']\s?\+\s?["']|["']ex["']\s?\+|["']ge["']\s?\+|["']e["']\s?\+)/
        $d = /reverse\s?\(\s?\)\s?\.\s?toString\s?\(\s?\)/
        $i = /\.\s?invoke\s?\(/
        $req = /request\.get(Parameter|Header|Reader|InputStream|QueryString|Cookies)/
    condition:
        jsp_page
        and filesize < 60KB
        and $i
        and $req
        and ($b or $c or ($a and filesize < 8KB) or ($d and filesize < 4KB))
}

rule WEBSHELL_JSP_Process_Variants {
    meta:
        description = "Detects Java pages that start processes by less known ways: ProcessImpl, UNIXProcess, ProcessBuilder by reflection, or an array of a shell and a parameter"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.oracle.com/javase/8/docs/api/java/lang/ProcessBuilder.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "b46a1d94-aaed-5f0b-bb4b-bbe6ba5bca4b"
    strings:
        $a = /java\.lang\.(ProcessImpl|UNIXProcess)|["']ProcessImpl["']|forkAndExec/
        $b = /(exec|ProcessBuilder)\s?\(\s?new\s{1,3}String\s?\[\s?\]\s?\{\s?["'](\/bin\/(ba)?sh|cmd(\.exe)?|sh|bash|powershell(\.exe)?)["']\s?,\s?["'](\/c|-c)["']\s?,\s?(request|\w{1,20}\s?[},])/
        $c = /new\s{1,3}ProcessBuilder\s?\([^;]{0,60}\)\s?[^;]{0,60}\.start\s?\(\s?\)/
        $c2 = /(getRuntime\s?\(\s?\)\s?\.\s?exec\s?\(\s?(new\s{1,2}String\(\s?)?(request\.|\w{1,12}\s?[,)]|s\[))/
        $req = /(request\.getParameter|request\.getHeader|request\.getQueryString|request\.getInputStream|request\.getReader|request\.getCookies|req\.getParameter|req\.getHeader|req\.getInputStream|\$\{param\.|application\.getAttribute)/
        $ui = /(out\s?\.\s?print|getWriter\s?\(|getOutputStream|response\.)/
        $fp1 = /(mysqldump|ffmpeg|ping\s|netstat|package\s)/
    condition:
        jsp_page
        and filesize < 60KB
        and $req
        and ($a or $b or ($ui and any of ($c, $c2) and filesize < 8KB))
        and not $fp1
}

rule WEBSHELL_JSP_Script_Engine_Parameter {
    meta:
        description = "Detects Java pages that evaluate a request parameter by a script engine, JShell, Groovy or an interpreter class"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.oracle.com/javase/8/docs/api/javax/script/ScriptEngine.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059.007"
        id = "61da232e-8c31-5772-ad70-48ead3565625"
    strings:
        $e = /(ScriptEngineManager|getEngineByName|getEngineByExtension|NashornScriptEngine|GroovyShell|GroovyClassLoader|bsh\.Interpreter|jdk\.jshell|JShell\.|MVEL\.eval|Interpreter\s?\(\s?\)\s?\.eval|SpelExpressionParser)/
        $d = /\.\s?(eval|evaluate|parseClass|parseExpression|execute|invokeFunction)\s?\([^;]{0,60}(request\.get|param|getParameter|\w{1,10}\s?\)|new\s{1,2}String)/
        $req = /get(Parameter|Header|Reader|InputStream|QueryString)\s?\(/
    condition:
        jsp_page
        and filesize < 40KB
        and all of them
}

rule WEBSHELL_Java_Memory_Shell_Source {
    meta:
        description = "Detects Java source or pages that add a filter, servlet, listener, valve or interceptor to the running server and take commands or classes by it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://tomcat.apache.org/tomcat-9.0-doc/api/org/apache/catalina/core/StandardContext.html"
        mitre_att = "T1505.003"
        mitre_att = "T1620"
        id = "b987e679-f374-5040-89e0-1261865771ac"
    strings:
        $ctx = /(StandardContext|ApplicationContextFacade|WebappClassLoaderBase|ApplicationFilterConfig|RequestMappingHandlerMapping|AbstractHandlerMapping|WebApplicationContext|ContainerBase|StandardPipeline|ServletContextHandler|weblogic\.servlet|io\.undertow|com\.caucho|WsServerContainer|ServerEndpointConfig|DispatcherHandler|ChannelPipelineConfigurer|AbstractProtocol|NioEndpoint)/
        $add1 = /(addFilterDef|addFilterMapBefore|filterConfigs|FilterMap\b|addApplicationEventListener|addServletMappingDecoded|addServletMapping|createWrapper\s?\()/
        $add2 = /(getPipeline\s?\(\s?\)\s?\.\s?addValve|registerMapping\s?\(|adaptedInterceptors|addUpgradeProtocol|addExecutor|setExecutor\s?\(|registerHandler|addEndpoint\s?\(|doOnChannelInit|addServletHandler|registerFilter|prependFilterMapping|addFilterMapping|addListenerEventInstance|httpUpgradeProtocols)/
        $x = /(getRuntime\s?\(\s?\)|ProcessBuilder|defineClas[s]|ScriptEngine|cmd\.exe|\/bin\/sh|FromBase64|BASE64Decoder|Base64\.getDecoder)/
        $req = /(getParameter\s?\(|getHeader\s?\(|getReader\s?\(|getInputStream\s?\(|setRequest|ServletRequest)/
        $fp1 = "Licensed to the Apache Software Foundation"
        $fp2 = "package org.springframework"
    condition:
        filesize < 200KB
        and $ctx
        and any of ($add*)
        and $x
        and $req
        and none of ($fp*)
}

rule WEBSHELL_Java_Memory_Shell_Class {
    meta:
        description = "Detects Java class files whose constant pool joins context classes of the server, class definition or commands, and request access: injected memory shells"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.oracle.com/javase/specs/jvms/se8/html/jvms-4.html"
        mitre_att = "T1505.003"
        mitre_att = "T1620"
        id = "90c60515-503f-567c-b4cd-3baa682fbb13"
    strings:
        $ctx = /(org\/apache\/catalina\/core\/StandardContext|org\.apache\.catalina\.core\.|WebappClassLoaderBase|RequestMappingHandlerMapping|ApplicationFilterChain|weblogic\/servlet\/internal|io\.undertow|org\.eclipse\.jetty)/
        $x1 = /define[C]lass/
        $x2 = /(getRuntime|java\/lang\/ProcessBuilder|\/bin\/sh|cmd\.exe)/
        $x3 = /(javax\/crypto\/Cipher|sun\.misc\.BASE64Decoder|java\.util\.Base64)/
        $req = /(getParameter|getHeader|getReader|getInputStream|ServletRequest)/
        $add = /(addFilterDef|addFilterMapBefore|filterConfigs|addApplicationEventListener|addValve|addServletMapping|registerMapping|adaptedInterceptors|getDeclaredField)/
        $fp1 = "org/apache/catalina/core/StandardContext.java"
    condition:
        uint32be(0) == 0xCAFEBABE
        and filesize < 60KB
        and $ctx
        and $req
        and $add
        and 2 of ($x*)
        and not $fp1
}

rule WEBSHELL_Java_Agent_Transformer {
    meta:
        description = "Detects Java agents that rewrite a request method of the running server (doFilter, service, invoke) to take in code or commands"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.oracle.com/javase/8/docs/api/java/lang/instrument/package-summary.html"
        mitre_att = "T1505.003"
        mitre_att = "T1055"
        id = "375145e0-33f9-53a2-943e-48728286ce3c"
    strings:
        $a = /(agentmain|Agent-Class|ClassFileTransformer|loadAgent|VirtualMachine\.attach|Instrumentation)/
        $t = /(ApplicationFilterChain|javax[.\/]servlet[.\/]http[.\/]HttpServlet|internalDoFilter|DispatcherServlet|WebLogicServer|ServletStubImpl)/
        $m = /(insertBefore|setBody|insertAt|CtMethod|visitMethod|redefineClasses|retransformClasses)/
        $x = /(Runtime|ProcessBuilder|defineClas[s]|getParameter|Base64|e45e329feb5d925b)/
        $fp1 = /(Licensed under the Apache License|opentelemetry|newrelic|glowroot|skywalking|org\/apache\/catalina)/
    condition:
        filesize < 300KB
        and all of ($a, $t, $m, $x)
        and not $fp1
}

rule WEBSHELL_JSP_Unicode_Or_Odd_Encoding {
    meta:
        description = "Detects Java pages written with unicode escapes, entities, CDATA pieces or a rare page encoding, so that no scanner sees the code"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.oracle.com/javase/specs/jls/se8/html/jls-3.html"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "c3543a8d-854a-53d0-83b0-7342fe1632de"
    strings:
        $u = /(\\u00|\\uu00|\\uuu00|\\uuuu00|\\uuuuu00)[2-7][0-9a-f](\\u{1,5}00[2-7][0-9a-f]){5}/ nocase
        $ent = /(;&#x6|;&#x7|;&#x2|;&#10|;&#11|;&#12)[0-9a-f]{0,2};(&#x?[0-9a-f]{2,3};){3}/ nocase
        $cd = /<!\[CDATA\[[^\]]{1,12}\]\]>\s?<!\[CDATA\[/
        $cp = /(rset|ding)\s?=\s?["']?(cp037|cp290|cp1047|ibm037|ibm290|ibm1047|ibm500|ibm1140|utf-16be|utf-16le|utf-7|ebcdic)/ nocase
        $jspx = /<jsp:(root|scriptlet|declaration)/
    condition:
        filesize < 300KB
        and jsp_page
        and (#u > 4 or ($jspx and #ent > 3) or ($jspx and #cd > 2) or ($cp and filesize < 60KB))
}

rule WEBSHELL_JSP_File_Writer_Or_Uploader {
    meta:
        description = "Detects short Java pages that write request data to a file named by the request or to a page of the same server"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://owasp.org/www-community/vulnerabilities/Unrestricted_File_Upload"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "a255428b-340c-53be-8f76-fcf4eb8632ef"
    strings:
        $w = /(FileOutputStream|FileWriter|RandomAccessFile|Files\.write|PrintWriter|BufferedWriter)\s?\(\s?[^;]{0,160}(request\.getParameter|getRealPath|request\.getHeader|\w{1,12}\.getParameter|application\.)/
        $w2 = /(FileOutputStream|FileWriter|RandomAccessFile|Files\.write)\s?\(\s?\w{1,12}\s?[,)]/
        $p = /=\s?(new\s{1,2}(java\.io\.)?File\s?\(\s?)?request\.getParameter\s?\(\s?["'](f|file|path|name|p|filename|fname|filePath|t|u|dir)["']/
        $d = /\.\s?write\s?\([^;]{0,80}(getBytes|request\.getParameter|buf|bytes|\w{1,6}\s?\))/
        $in = /request\.(getParameter|getInputStream|getReader|getHeader|getPart)\s?\(/
        $fp1 = /(package\s|ServletFileUpload|endsWith|contains\s?\(\s?["']\.|getContentType|isMultipart|session\.getAttribute)/
    condition:
        jsp_page
        and filesize < 6KB
        and $in
        and $d
        and ($w or ($w2 and $p))
        and not $fp1
}

rule WEBSHELL_JSP_Panel_Words {
    meta:
        description = "Detects Java shell pages by actions and captions they share: command, file list, database, reflection of the shell name, beside process calls"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        id = "6f1ddc16-2c31-50ef-81b4-1f0657152b29"
    strings:
        $n = /(jsps[p]y|jsp s[p]y|jf[o]lder|jf[i]lebrowser|jsp\s?file\s?browser|browser\.jsp|web\s?shell[^_]|cmd\.jsp|jshel[l]\s|silic\s?group|z3r0[c]|jsp\s?backdoor|k8\s?team|jsp\s?rootkit|\xe4\xb8\x80\xe5\x8f\xa5\xe8\xaf\x9d|custom[- ]?cmd)/ nocase
        $x = /(getRuntime\s?\(\s?\)|ProcessBuilder|exec\s?\()/
        $f = /(listFiles\s?\(|FileOutputStream|delete\s?\(\s?\)|renameTo\s?\(|FileInputStream|DriverManager)/
        $z = /parse(Base64Binary|HexBinary)\s?\([^;]{0,60};[^;]{0,200};?[^;]{0,200}(exec|FileOutputStream)\s?\(/
    condition:
        jsp_page
        and filesize < 400KB
        and (($n and $x and $f) or ($z and $x))
}

rule WEBSHELL_JSP_Socket_Or_Native {
    meta:
        description = "Detects Java pages that connect sockets to a shell or to addresses of the request, load native libraries, or look up remote objects named by the request"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1572/"
        mitre_att = "T1505.003"
        mitre_att = "T1572"
        id = "7ea81c3c-02b3-5aa5-9d59-95540550f6a0"
    strings:
        $s = /new\s{1,3}(java\.net\.)?Socket\s?\(|SocketChannel\.open/
        $sh = /(\/bin\/(ba)?sh|cmd\.exe|\/bin\/bash)/
        $pipe = /getInputStream\s?\(\s?\)[^;]{0,120}|getOutputStream/
        $jndi = /(lookup\(request\.|lookup\(param|lookup\( ?\w{1,8}\.getParameter|doLookup\()/
        $jni = /System\.load(Library)?\s?\(\s?(request\.|\w{1,8}\s?\)|application)/
        $url = /URLClassLoader\s?\([^;]{0,120}(request\.|param|getParameter|new\s{1,2}(java\.net\.)?URL\s?\(\s?(request|\w{1,6}\s?\)))/
        $req = /(request|req)\.get(Parameter|Header|InputStream|Reader)\s?\(/
        $px = /(X-CMD|X-TARGET|X-STATUS|X-PORT|Tunna|socksconnect)/
    condition:
        jsp_page
        and filesize < 60KB
        and (($s and $sh and $pipe) or $jndi or ($jni and $req) or ($url and $req) or ($s and $px))
}

rule WEBSHELL_JSP_File_Manager {
    meta:
        description = "Detects Java file managers in one page: folders listed from a path of the request, files read, written, renamed or deleted, for any visitor"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1083/"
        mitre_att = "T1505.003"
        mitre_att = "T1083"
        id = "32f4e1a0-8b82-5e2c-8a27-a00c1f8f8fe1"
    strings:
        $list = /(listFiles\s?\(|listRoots\s?\(|newDirectoryStream\s?\()/
        $del = /\.\s?(delete|deleteOnExit|deleteIfExists)\s?\(/
        $move = /\.\s?(renameTo|mkdirs?|createDirector(y|ies)|setLastModified)\s?\(/
        $write = /(FileOutputStream|FileWriter|RandomAccessFile|Files\.(write|copy|newOutputStream|newBufferedWriter)|ZipOutputStream|ZipEntry)/
        $read = /(FileInputStream|FileReader|Files\.(readAllBytes|copy|newInputStream|readAllLines))/
        $req = /(request|req)\s?\.\s?get(Parameter|InputStream|Part)\w{0,6}\s?\(/
        $form = /(<form|<textarea|multipart\/form-data|type=\\?["']file)/ nocase
        $fp1 = "<%@ taglib" nocase
    condition:
        jsp_page
        and filesize < 300KB
        and $list
        and $write
        and $req
        and $form
        and 2 of ($del, $move, $read)
        and not $fp1
}

rule WEBSHELL_JSP_Database_Client {
    meta:
        description = "Detects Java pages that open a database with address, user and password of the request and run free SQL text for any visitor"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1213/"
        mitre_att = "T1505.003"
        mitre_att = "T1213"
        id = "83f80542-dfb1-55e9-b1b2-1d3c9c0ef2f9"
    strings:
        $con = /DriverManager\s?\.\s?getConnection\s?\(\s?(\w{1,20}|request\.getParameter\s?\([^)]{1,30}\))\s?,/
        $in = /getParameter\s?\(\s?["']\w{0,20}(url|driver|user|username|pwd|passw|password|db_?ip|sid|db_?name|conn)\w{0,4}["']/ nocase
        $sql = /getParameter\s?\(\s?["']\w{0,12}(sql|query)\w{0,12}["']/ nocase
        $run = /\.\s?(executeQuery|executeUpdate|execute)\s?\(\s?\w/
        $fp1 = "<%@ taglib" nocase
    condition:
        jsp_page
        and filesize < 200KB
        and all of ($con, $in, $sql, $run)
        and not $fp1
}

rule WEBSHELL_Java_Servlet_Command {
    meta:
        description = "Detects Java source of servlets, filters and controllers that start a process with text of the request and return its output"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://docs.oracle.com/javase/8/docs/api/java/lang/Runtime.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "6a9ba0a3-fac6-531a-adcc-257e2f370f08"
    strings:
        $web = /(extends\s{1,3}HttpServlet|implements\s[^{\n]{0,60}(Filter|Servlet|ServletRequestListener|HandlerInterceptor|Valve)\b|extends\s{1,3}ValveBase|@WebServlet|@WebFilter|@RequestMapping|@RestController|@Controller)/
        $run = /(getRuntime\s?\(\s?\)\s{0,10}\.\s?exec\s?\(|new\s{1,3}ProcessBuilder\s?\()/
        $par = /(getParameter\s?\(|getHeader\s?\(|@RequestParam|getQueryString\s?\(|@PathVariable)/
        $cmd = /(\/bin\/sh|\/bin\/bash|cmd\.exe|"cmd"|exec\s?\(\s?(\w{1,12}\.)?get(Parameter|Header)|exec\s?\(\s?cmd|exec\s?\(\s?command)/
        $out = /(getWriter\s?\(|getOutputStream\s?\(|\.println\s?\(|return\s)/
        $fp1 = /(Licensed to the Apache|Licensed under the Apache|GNU General Public|@author)/
    condition:
        filesize < 30KB
        and all of ($web, $run, $par, $cmd, $out)
        and not $fp1
}
