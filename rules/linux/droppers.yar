// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Shell one-liners, droppers and connect-backs of Linux servers.

rule MAL_ELF_Dropper_Shell_Text {
    meta:
        description = "Detects shell text that rebuilds an ELF program from base64 or escapes and makes it run"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        mitre_att = "T1059.004"
        mitre_att = "T1027"
        mitre_att = "T1140"
        id = "1dca69b7-9c7f-5055-af6f-85818a4c5004"
    strings:
        $hex = /(printf|echo\s{1,3}(-\w{1,3}\s){1,2})\s?["']?(\\\\?x7f\\\\?x45\\\\?x4c\\\\?x46|\\\\?0?177ELF|\\\\?x7fELF)/ nocase
        $dec = /(base64 -d|base64 -D|base64 --decode|openssl enc -d|openssl base64 -d|xxd -r|uudecode)/
        $run = /\bchmod\s{1,3}(\+x|[0-7]?[57][0-7]{2}|a\+x|u\+x)/
        $elf_b64 = /f0VMRg(IBAQ|EBAQ)/
    condition:
        filesize < 20MB
        and uint32be(0) != 0x7F454C46
        and $run
        and ($hex or ($elf_b64 and $dec))
}

rule MAL_Linux_Download_Run_Tmp {
    meta:
        description = "Detects shell one-liners that fetch a program by address into a world-writable directory, make it executable and start it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1105/"
        mitre_att = "T1059.004"
        mitre_att = "T1105"
        id = "1cdfa3b4-e2e6-51ef-8d93-dcfd76e42c4b"
    strings:
        $ip = /\b(wget|curl|tftp|lynx|ftpget)\b[^\r\n;|&]{0,120}(https?:\/\/|ftp:\/\/|-h\s{1,3}|\s)(\d{1,3}\.){3}\d{1,3}(:\d{1,5})?\/[^\r\n]{0,160}(;|&&|\|\||\n|\|)[^\r\n]{0,120}\bchmod\s{1,3}(\+x|[0-7]{3,4})[^\r\n;&]{0,80}(;|&&)\s{0,4}(sh\s|nohup\s|\.\/|\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|setsid\s)/
        $cd = /\bcd\s{1,3}\/tmp\s{0,3}\|\|\s{0,3}cd\s{1,3}\/(var\/run|mnt|root|var\/tmp)/
        $get = /\b(wget|curl|tftp|ftpget)\b[^\r\n;|&]{0,80}(https?:\/\/|\s)(\d{1,3}\.){3}\d{1,3}/
        $pipe = /\b(wget|curl)\b[^\r\n;|&]{0,120}https?:\/\/(\d{1,3}\.){3}\d{1,3}(:\d{1,5})?\/[^\r\n|;&]{0,120}\|\s{0,3}(sudo\s{1,3})?(ba|da|z|k)?sh\b/
        $b64pipe = /\becho\s[^|\r\n]{60,900}\|\s{0,3}base64\s{1,3}(-d|--decode|-D)\s{0,3}\|\s{0,3}(sudo\s{1,3})?(\/bin\/)?(ba|da|z)?sh\b/
    condition:
        filesize < 5MB
        and ($ip or ($cd and $get) or $pipe or $b64pipe)
}

rule MAL_Linux_Reverse_Shell {
    meta:
        description = "Detects connect-back one-liners of shells and script languages"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        reference = "https://attack.mitre.org/techniques/T1095/"
        mitre_att = "T1059.004"
        mitre_att = "T1059.006"
        mitre_att = "T1095"
        id = "78f0a677-d08c-5c42-bc04-2efff7e22a94"
    strings:
        $bash1 = /\b(ba|z|k|da)?sh\s{1,3}-i\s{0,3}(>&|&>|0?<|<>)\s{0,3}\/dev\/(tcp|udp)\/((\d{1,3}\.){3}\d{1,3}|[\w.-]{4,60})\/\d{2,5}/
        $bash2 = /exec\s{1,3}\d{1,3}\s?<>\s?\/dev\/tcp\/[\w.-]{4,60}\/\d{2,5}[^\r\n]{0,200}(while|sh|cat)/
        $mkfifo = /\b(mkfifo|mknod)\s{1,3}[^\s;&|]{1,40}[^\r\n]{0,80}\|\s?\/?(bin\/)?(ba)?sh\s{1,3}-i[^\r\n]{0,40}\|\s?(nc|ncat|telnet|openssl)\s/
        $nc = /\b(nc|ncat|netcat)(\.traditional)?\s[^\r\n|;]{0,80}-[a-z]{0,4}(e \/bin\/|c \/bin\/|e sh\b|c sh\b|e bash|c bash|e "\/bin|e '\/bin|c "\/bin)/
        $py = /socket\.socket\([^;\n]{0,60}\)[^\n]{0,200}(os\.)?dup2\s?\([^\n]{0,160}(subprocess|pty\.spawn|os\.system)/
        $perl = /use Socket[^\n]{0,200}connect\(\s?\w{1,4}\s?,[^\n]{0,200}exec\s?\(?["'{]{1,3}\/bin\/(ba)?sh/
        $ruby = /TCPSocket\.(new|open)\([^\n]{1,120}(exec|IO\.popen|sprintf\()/
    condition:
        filesize < 2MB
        and any of them
}

rule MAL_Linux_Memfd_Loader_Script {
    meta:
        description = "Detects script text that runs a program from an anonymous memory file"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1620/"
        mitre_att = "T1620"
        mitre_att = "T1059.006"
        id = "b691ce3e-5fe9-59d8-9ba4-5fe1d103c006"
    strings:
        $sc1 = /\bsyscall\s?\(\s?(319|0x13f|279|356)\s?,/
        $sc2 = /\bmemfd_create\s?\(/
        $fd = /\/proc\/(self|\$\$|["']?\s?\.\s?\$\$\s?\.\s?["']?|%d|\{[\w.()]{0,20}\}|\$?\w{0,10})\/fd\//
        $src = /(base64|urlopen|LWP::|requests\.get|curl|wget|f0VMR|b64decode|pack\s?q?[\/("'])/ nocase
        $lang = /(#!\/bin|#!\/usr|import ctypes|import os|import urllib|use strict|use LWP|use MIME|perl -e|python3? -c)/
    condition:
        filesize < 2MB
        and uint32be(0) != 0x7F454C46
        and any of ($sc*)
        and $fd
        and $src
        and $lang
}

rule MAL_Linux_Preload_Cron_Persistence {
    meta:
        description = "Detects shell text that plants a preload library or a fetching schedule entry"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1574/006/"
        reference = "https://attack.mitre.org/techniques/T1053/003/"
        mitre_att = "T1574.006"
        mitre_att = "T1053.003"
        id = "d1fbc331-3a45-5fe0-9a5b-2ed8a0c820b9"
    strings:
        $pre = /\b(echo|printf)\s[^\r\n|;&]{1,120}\.so["']?\s{0,3}>{1,2}\s{0,3}\/etc\/ld\.so\.preload/
        $cron1 = /\becho\s{1,3}(-e\s)?["']?[^\r\n]{0,40}\*(\/\d{1,2})?\s{1,3}\*\s[^\r\n]{0,80}\b(wget|curl)\b[^\r\n]{1,200}\|\s{0,3}(ba)?sh[^\r\n]{0,80}(crontab|\/etc\/cron|\/var\/spool\/cron)/
        $cron2 = /\* \* \* \* (root )?[^\r\n#]{0,60}(wget|curl)\s[^\r\n]{0,120}(\d{1,3}\.){3}\d{1,3}[^\r\n]{0,120}\|\s{0,3}(ba)?sh/
        $chattr = /\bchattr\s{1,3}\+i\s{1,3}(\/etc\/ld\.so\.preload|\/var\/spool\/cron|\/etc\/cron|\/root\/\.ssh\/authorized_keys)/
    condition:
        filesize < 2MB
        and any of them
}

rule WEBSHELL_CGI_Command {
    meta:
        description = "Detects CGI scripts in Perl, Python or shell that run a command from the query"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.006"
        id = "edb1f1cc-97e4-58d7-ba1e-2af39995ed90"
    strings:
        $perl = /#!\s?[^\r\n]{0,30}\bperl/
        $p1 = /[=\s(;{](system|exec|open\s?\([^;\n]{1,30})\s?[\({]?\s?["']?\s?(\$in|\$FORM|\$query|\$cgi|\$q|\$input|\$ENV)\s?(\{|->)/
        $p2 = /(`\$in\{|`\$FORM\{|`\$query|`\$cgi->|`\$q->|`\$ENV\{|`\$cmd|`\$command|`\$RunCommand|qx\/\$|qx\{\$|qx\(\$)[^`\n]{0,60}/ nocase
        $p3 = /(Content-?type:\s?text\/|use CGI\b|QUERY_STRING|->param\s?\()/ nocase
        $py = /(import cgi\b|cgi\.FieldStorage|request\.(args|form|values|GET|POST|get_argument))/
        $py1 = /\b(os\.(system|popen)|subprocess\.(Popen|check_output|run|call|getoutput)|commands\.getoutput)\s?\(\s?(form|request|self|fs|args)\s?(\.|\[)[^\n]{0,80}/
        $py2 = /\b(eval|exec)\s?\(\s?request\.(args|form|values|GET|POST)\b/
        $sh = /#!\s?\/(usr\/)?bin\/(env\s)?(ba|da)?sh/
        $sh1 = /(eval|\bsh\s{1,2}-c)\s[^\n]{0,80}\$\{?QUERY_STRING/
    condition:
        filesize < 200KB
        and (
            ($perl and $p3 and any of ($p1, $p2))
            or ($py and any of ($py1, $py2))
            or ($sh and $sh1)
        )
}
