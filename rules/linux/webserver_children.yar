// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Lines in logs and histories that show a web server starting shells.

rule SUSP_Log_Webserver_Shell_Child {
    meta:
        description = "Detects process records in which a web-server process is the parent of a command interpreter with discovery commands (w3wp, httpd, nginx, php-fpm, java)"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "25eee6d1-b9b4-547d-882e-3d11ee8ed06c"
    strings:
        $p = /(ParentImage|ParentProcessName|parent_name|CreatorProcessName|ppid_comm|parent\.name)["':>\s=]{1,6}[^\r\n"<]{0,80}(w3wp\.exe|httpd(\.exe)?|nginx(\.exe)?|php-cgi(\.exe)?|php-fpm|tomcat\d?(\.exe)?|umworkerprocess\.exe|apache2)/ nocase
        $c = /(CommandLine|cmdline|command_line)["':>\s=]{1,6}[^\r\n<]{0,100}(whoami|ipconfig\s\/all|net\s{1,2}(user|group|localgroup)|systeminfo|quser|nltest|tasklist|certutil|-enc\s|\/etc\/passwd|uname\s-a|wget\s|curl\s)/ nocase
    condition:
        filesize < 500MB
        and $p
        and $c
}

rule SUSP_Log_Shell_Request {
    meta:
        description = "Detects access-log lines that show use of a shell: commands in the query, encoded PHP calls, or scripts requested below upload and picture folders"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        id = "3c9504e9-d643-5fd1-9aa3-e728e5fd2b4c"
    strings:
        $m = /(GET|POST)\s\/[^\s"]{0,160}\.(php\d?|phtml|aspx?|ashx|jspx?|cfm)\?[^\s"]{0,60}(cmd|exec|command|c|shell|pass)=[^\s"&]{0,30}(whoami|id\b|uname|cat(%20|\+)|ls(%20|\+)|dir(%20|\+)|net(%20|\+)user|ipconfig|wget(%20|\+)|curl(%20|\+))/ nocase
        $u = /POST\s\/[^\s"]{0,80}(wp-content\/uploads|\/uploads?|\/images?|\/aspnet_client|\/owa\/auth|\/files)\/[^\s"?]{1,80}\.(php\d?|phtml|aspx|ashx|jsp)[\s?"]/ nocase
        $e = /(GET|POST)\s\/[^\s"]{0,200}(eval(%28|\()|base64_decode(%28|\()|system(%28|\()|php(:|%3a)\/\/input|auto_prepend_file)/ nocase
        $l = /(HTTP\/[12]\.\d"\s[2-5]\d\d\s|( 200 | 302 | 404 | 500 )\d{1,8}\s)/
    condition:
        filesize < 500MB
        and $l
        and any of ($m, $u, $e)
}

rule MAL_Webserver_Discovery_Output {
    meta:
        description = "Detects saved output of discovery commands in files of a web folder: identity of the application pool or web user beside system and network listings"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1033/"
        reference = "https://attack.mitre.org/techniques/T1082/"
        mitre_att = "T1033"
        mitre_att = "T1082"
        id = "7e3171a7-cfb5-507b-8ef3-f218c6c34c78"
    strings:
        $a = /(iis apppool\\\w{2,40}|nt authority\\(system|network service|iusr)|uid=\d{1,5}\((www-data|apache|nginx|nobody|httpd)\))/ nocase
        $b = /(Host Name:\s{4,40}\S|OS Name:\s{4,40}Microsoft|Linux \S{1,60} \d\.\d{1,2}\.\d)/
        $c = /(Windows IP Configuration|Active Connections|inet \d{1,3}\.\d{1,3}|Proto {1,4}Recv-Q|Proto\s{2}Local Address)/
    condition:
        filesize < 2MB
        and all of them
}

rule MAL_Python_Loader_Ctypes {
    meta:
        description = "Detects Python that allocates executable memory through ctypes, copies decoded bytes into it and starts a thread or function there"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1059/006/"
        reference = "https://attack.mitre.org/techniques/T1620/"
        mitre_att = "T1059.006"
        mitre_att = "T1620"
        id = "f88ffc91-0bc8-5aa4-a362-dab5e7739567"
    strings:
        $c = /(ctypes|windll|CDLL)/
        $a = /(VirtualAlloc(Ex)?|mmap\.mmap|VirtualProtect|RtlMoveMemory|memmove)\b/
        $t = /(CreateThread|CreateRemoteThread|QueueUserAPC|EnumSystemLocales\w|CFUNCTYPE\s?\([^)\n]{0,40}\)\s?\(|EnumWindows|CertEnumSystemStore)/
        $b = /(b64decode|fromhex|unhexlify|\\xfc\\x(48|e8)|ARC4|AES\.new|decompress|requests\.get|urlopen)/
        $fp1 = /(unittest|pytest|Licensed|Copyright|SPDX)/
    condition:
        filesize < 2MB
        and all of ($c, $a, $t, $b)
        and not $fp1
}
