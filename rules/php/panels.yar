// suppress: P003, P016 -- one shape is several expressions, but only its rarest is
// searched everywhere, and the benchmark counts what that costs

// Large shells by what they offer together, and by the names that public
// descriptions give them.

rule WEBSHELL_PHP_Panel_Feature_Menu {
    meta:
        description = "Detects panels of PHP shells by the actions of their menu: command, eval, upload, brute force, back connect, self removal, database in one file"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        mitre_att = "T1083"
        id = "2a7fd728-cc63-59a8-a42a-048a0205e47b"
    strings:
        $m1 = /(back[\s_-]?connect|bind[\s_-]?(port|shell)|reverse\s?shell|connect[\s_-]?back)/ nocase
        $m2 = /(self[\s_-]?(remove|destruct|kill|delete)|kill\s?(self|shell)|remove\sshell)/ nocase
        $m3 = /(brute[\s_-]?force|bruteforce|ftp\s?brute|mysql\s?brute)/ nocase
        $m4 = /(safe[\s_-]?mode|disable_functions|open_basedir)/ nocase
        $m5 = /(php[\s_-]?(code|eval)|eval(uate)?\s(php|code)|phpeval|run\sphp)/ nocase
        $m6 = /(run\s(a\s)?command|execute\s(a\s)?command|command\sexec|cmd\s?exec|shell\scommand|exec\scmd)/ nocase
        $m7 = /(\/etc\/passwd|\/etc\/shadow|\.bash_history|etc\/vhosts)/
        $m8 = /(make\s?(dir|file)|mkdir|new\s(file|folder|dir))/ nocase
        $m9 = /(mass\s(deface|mail)|zone-?h|jumping|config\sgrab|cgi\s?telnet|symlink)/ nocase
        $x = /\b(system|passthru|shell_exec|exec|popen|proc_open)\s?\(\s?@?\$/
        $u = /(move_uploaded_file|copy\s?\(\s?\$_FILES|is_uploaded_file)/
    condition:
        filesize < 600KB
        and 6 of ($m*)
        and $x
        and $u
}

rule WEBSHELL_PHP_Panel_System_Banner {
    meta:
        description = "Detects PHP that prints kernel, user and group, safe mode and free space side by side above a form for commands or files"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1082/"
        mitre_att = "T1505.003"
        mitre_att = "T1082"
        id = "0e849548-c0e1-53a7-ad41-049df0c4e80b"
    strings:
        $b1 = /php_uname\s?\(|\buname\s-a/
        $b2 = /(posix_getpwuid|posix_geteuid|getmyuid|get_current_user|\bid["']\s?\)|whoami)/
        $b3 = /(safe_mode|disable_functions|open_basedir)/
        $b4 = /(disk_free_space|diskfreespace|disk_total_space)/
        $b5 = /(SERVER_SOFTWARE|phpversion\s?\()/
        $b6 = /(fileperms|substr\s?\(\s?sprintf\s?\(\s?["']%o)/
        $b7 = /(getcwd\s?\(|DIRECTORY_SEPARATOR)/
        $w = /(unlink|rmdir|fwrite|file_put_contents|rename)\s?\(/
        $x = /\b(system|passthru|shell_exec|exec|popen|proc_open|eval|move_uploaded_file|copy)\s?\(\s?@?(\$|stripslashes|base64_decode)/
        $in = /\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)\s?[\[{]/
        $fp1 = /namespace |@package|@license|GNU General/
    condition:
        filesize < 400KB
        and 6 of ($b*)
        and $w
        and $x
        and $in
        and not $fp1
}

rule WEBSHELL_PHP_Panel_File_Manager {
    meta:
        description = "Detects file managers in one PHP file without login framework: list, edit, chmod, rename, delete and upload steered by request fields"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1083/"
        mitre_att = "T1505.003"
        mitre_att = "T1083"
        id = "22b97b18-0ff0-58e5-9870-c61c34b00a41"
    strings:
        $l = /(scandir|opendir|readdir|glob)\s?\(\s?\$/
        $e = /<textarea[^>]{0,160}>\s{0,4}(["']\s?\.|<\?(php\s)?)[^<]{0,80}(htmlspecialchars|htmlentities|file_get_contents|\$)/ nocase
        $c = /chmod\s?\(\s?\$/
        $r = /rename\s?\(\s?\$/
        $d = /(unlink|rmdir)\s?\(\s?\$/
        $u = /(move_uploaded_file|copy)\s?\(\s?@?\$_FILES/
        $perm = "fileperms("
        $in = /\$_(GET|REQUEST)\s?\[\s?["']?(dir|path|d|p|f|file|filesrc|loc|cwd|edit|act|a|y|folder|y1)["']?\s?\]/
        $fp1 = /namespace |@package|@license|GNU General|Composer/
    condition:
        filesize < 120KB
        and $l
        and $in
        and $d
        and $perm
        and 3 of ($e, $c, $r, $u)
        and not $fp1
}

rule WEBSHELL_PHP_Panel_Names {
    meta:
        description = "Detects titles and signatures of PHP shells that public write-ups and collections name (c99, r57, b374k, WSO, IndoXploit, Alfa, mini shells)"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        id = "d7a6c811-77b7-5ec6-a7dc-0d1991914820"
    strings:
        $a1 = /b374k\s?(shell|mini|-shell|m1n1|[23]\.\d)|\$b374k\s?=/ nocase
        $a2 = /(ctshell|ctt\s?shell|predator|simattacker|zacosmall|antichat|nstview|gfs web|lostdc)\s?(shell|sh)?\s?(v\.?\s?\d|by\s|-\s)|(c99|c100|r57|locus7|storm7)\s?(shell|sh)\s?(v\.?\s?\d|by\s|-\s)/ nocase
        $a3 = /(web\s?shell by (orb|boff|oRb)|WSO\s?\d\.\d|FilesMan["'\]]|Fil["']\.["']esMan)/
        $a4 = /(indoxploit|alfa\s?(team|shell|tesla)|solevisible|mini\s?shell\s(by|v\d)|marijuana\s?shell|gel4y|anonymousfox|0byt3m1n1|priv8\s?(shell|uploader)|k2ll33d|madspot)/ nocase
        $a5 = /(phpremoteview|remview|phpspy\s?(20|v)|phpshell\sby|webcommander\sby|nfm\s1\.|network\sfile\smanager\sphp|php\s?backdoor\s(v|by|\|))/ nocase
        $a6 = /(ly0kha|grayhatz|privdayz|tryag file|fx29sh|ernealizm|sosyete|soldierofallah|dive shell|stnc webshell|ajax\/php command shell)/ nocase
        $a7 = /(c99sh_|c999sh|\$shver\s?=|r57shell|kaushell|tool25|phvayv)/ nocase
        $x = /\$(_(GET|POST|REQUEST|COOKIE|SERVER|FILES)|HTTP_(GET|POST|SERVER|COOKIE)_VARS)|(exec|system|eval|unlink) ?\(|create_function/
        $tag = /<[?%]/
    condition:
        filesize < 2MB
        and $tag
        and $x
        and any of ($a*)
}

rule WEBSHELL_PHP_Panel_Old_Globals {
    meta:
        description = "Detects old PHP shells that extract all request arrays into variables and run commands or change files by them"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.import-request-variables.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "c188c2f5-4033-5a16-b496-550b67efff42"
    strings:
        $g1 = /extract ?\(@?\$(HTTP_(POST|GET)_VARS|_(GET|POST|REQUEST)\b)|import_request_variables|register_globals/
        $g2 = /(\$_GET as |\$_POST as |\$_REQUEST as )\$\w{1,10} ?=> ?\$\w{1,10} ?\)\s{0,3}\{?\s{0,3}\$\$\w/
        $x = /\b(system|passthru|shell_exec|exec|popen|eval)\s?\(\s?["']?(\$(cmd|command|com|exec|c|shell|eval|code|phpcode|run)\b|chmod\s|cat\s\/proc|uname)/ nocase
        $f = /(unlink|fopen|opendir|chmod|rename|copy)\s?\(\s?["']?\$/
    condition:
        filesize < 300KB
        and any of ($g*)
        and $x
        and $f
}

rule WEBSHELL_PHP_Shell_Without_Globals {
    meta:
        description = "Detects old PHP one-page shells that use register_globals: a command field of a form is run as a plain variable of the same name"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/security.globals.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "cd617428-c50f-52a2-9be6-e2819d02d6ea"
    strings:
        $form = /<input[^>]{0,100}name\s?=\s?\\?["']?(cmd|command|comando|commande|komut|exec|shell|cmnd)["'\\\s>]/ nocase
        $run = /\b(system|passthru|shell_exec|exec|popen)\s?\(\s?["']?\$(cmd|command|comando|commande|komut|exec|shell|cmnd)\b/ nocase
        $tick = /=\s?`\$(cmd|command|comando|komut|exec|shell)\b/ nocase
        $fp1 = "escapeshell"
    condition:
        filesize < 60KB
        and $form
        and any of ($run, $tick)
        and not $fp1
}

rule WEBSHELL_PHP_Exec_Fallback_Chain {
    meta:
        description = "Detects the helper of PHP shells that tries one command function after the other until one of them is not disabled"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/ref.exec.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059.004"
        id = "857526d9-87bf-52bb-8d68-3b275b49397f"
    strings:
        $ob = "ob_get_contents"
        $ob2 = "ob_get_clean"
        $fp1 = /\b(namespace|class) \w{1,40}\s?[;{\\]/
        $v = /= ?(["']exec["'];|["']passthru["'];|["']system["'];|["']shell_exec["'];|["']popen["'];)/
        $e = /(function_exists|is_callable) ?\( ?["'](exec|shell_exec|system|passthru|popen|proc_open)["']|is_resource ?\( ?\$\w{1,12} ?= ?@?popen/
    condition:
        filesize < 2MB
        and ((#e > 2 and any of ($ob*)) or #v > 2)
        and not $fp1
}

rule WEBSHELL_PHP_Authentication_By_Hash {
    meta:
        description = "Detects PHP that asks for a password whose digest stands in the file and then offers commands, uploads or evaluation without any user table"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        id = "073d57ef-9207-5b37-bd35-8d09218983a0"
    strings:
        $h = /\$(auth_pass|login_pass\w{0,4}|md5_pass|s_pass|pass(word|wd)?|pwd|p4ssw0rd|mdp|admin\[["']pass["']\])\s?=\s?["'][0-9a-f]{32,40}["']/ nocase
        $c = /(md5\(@?\$_|sha1\(@?\$_|md5\(md5\(@?\$_|md5\(sha1\(@?\$_)(POST|GET|REQUEST|COOKIE|SERVER) ?\[[^\]]{1,20}\] ?\) ?\)? ?[!=]={1,2}/
        $x = /\b(eval|assert|system|passthru|shell_exec|exec|popen|proc_open|create_function)\s?\(\s?["'?>.@]{0,6}(\$|base64|gz|str_rot)|\$\w{1,20}\s?\(\s?["'][A-Za-z0-9+\/]{60}/
        $f = /(eval|create_function|move_uploaded_file|unlink|shell_exec|passthru|copy)\s?\(/
        $fp1 = /->query|mysqli?_query/
    condition:
        filesize < 300KB
        and any of ($h, $c)
        and $x
        and $f
        and not $fp1
}

rule WEBSHELL_PHP_Ajax_Terminal {
    meta:
        description = "Detects browser terminals in PHP that keep a working folder, append pwd to each command and answer with its output"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.004"
        id = "55460e8a-0f53-5329-a7fa-c9ac819fb9b3"
    strings:
        $a = /["']cd\s["']?\s?\.?\s?[^;\n]{1,80}(;|&&)[^;\n]{0,80}(;|&&)\s?(pwd|cd)\b/
        $b = /(2>&1\s?;\s?(pwd|echo)|echo\s\[S\]|\$cwd;\s?\{|&\s?echo\s\[)/
        $x = /\b(exec|shell_exec|system|passthru|popen|proc_open)\s?\(\s?["'$]/
        $in = /\$(_[GPRC]|HTTP_)|json_decode\(|php:\/\/input/
        $fp1 = /namespace |extends /
    condition:
        filesize < 100KB
        and $x
        and $in
        and any of ($a, $b)
        and not $fp1
}

rule WEBSHELL_PHP_Client_Plugin_Code {
    meta:
        description = "Detects the PHP text that graphical web shell clients send: marker output around base64 fields, silent errors, magic quotes handled"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/software/S0020/"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "ae790651-19c8-5954-9009-e4483c9dfb26"
    strings:
        $a = /echo\s?\(?["']->\|["']\s?\)?/
        $b = /echo\s?\(?["']\|<-["']\s?\)?/
        $c = /get_magic_quotes_gpc\s?\(\s?\)\s?\?\s?(base64_decode\s?\(\s?)?stripslashes\s?\(\s?\$_(POST|GET|REQUEST)/
        $d = /base64_decode\s?\(\s?(get_magic_quotes_gpc\s?\(\s?\)\s?\?|substr\s?\(\s?\$_POST\s?\[[^\]]{1,24}\]\s?,\s?2)/
        $e = /@?ini_set\s?\(\s?\\?["']display_errors\\?["']\s?,\s?\\?["']0\\?["']\s?\)\s?;\s?@?set_time_limit\s?\(\s?0\s?\)/
        $f = /(\$D\s?=\s?dirname\s?\(\s?\$_SERVER|asenc|asoutput|@?opendir\s?\(\s?\$[DFP]\b|runcmd\s?\(|fe\s?\(\s?["'](system|passthru))/
    condition:
        filesize < 300KB
        and ((any of ($a, $b) and any of ($c, $d, $e)) or ($e and any of ($d, $f)))
}

rule WEBSHELL_PHP_Encrypted_Client_Agent {
    meta:
        description = "Detects PHP agents of encrypted shell clients: session key, block cipher or exclusive or over php://input, result evaluated or called"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1573/001/"
        mitre_att = "T1505.003"
        mitre_att = "T1573.001"
        id = "cd1bc2e1-2a32-51e8-9d65-5fe45e9f9359"
    strings:
        $key = /["'](e45e329feb5d925b|3c6e0b8a9c15224a|rebeyond)["']/
        $dec = /openssl_decrypt\s?\([^;]{1,80},\s?["']AES-?\d{0,3}(-(ECB|CBC))?["']/ nocase
        $xor = /\[\s?\$\w{1,4}\s?\]\s?=\s?\$\w{1,4}\s?\[\s?\$\w{1,4}\s?\]\s?\^\s?\$\w{1,4}\s?\[\s?\$?\(?\$?\w{1,4}\s?\+\s?1\s?&\s?15\s?\]/
        $inp = "php://input"
        $run = /\b(eval|assert|call_user_func|create_function)\s?\(\s?@?\$|->__invoke|\$\w{1,20}\s?\(\s?\$\w{1,20}\s?\)/
        $pay = /\$_SESSION\[\$?["']?\w{1,20}["']?\] ?= ?(encode|base64_decode) ?\(/
        $fn = /function\s{1,2}encode\s?\(\s?\$\w{1,3}\s?,\s?\$\w{1,3}\s?\)/ nocase
    condition:
        filesize < 60KB
        and (
            ($key and ($run or $inp))
            or ($dec and $inp and $run)
            or ($xor and ($inp or $pay))
            or ($fn and $pay and $run)
        )
}
