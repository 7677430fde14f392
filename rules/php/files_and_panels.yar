// suppress: P003, P016 -- one shape is several expressions, but only its rarest is
// searched everywhere, and the benchmark counts what that costs

// PHP uploaders, writers, panels, mailers and proxies.

rule WEBSHELL_PHP_Write_Request {
    meta:
        description = "Detects PHP code that writes request data to a file whose name also comes from the request or ends in a script extension"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.file-put-contents.php"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "8cc75010-4c72-5dc6-b840-ed3b632b5f32"
    strings:
        $a = /\b(file_put_contents)[\s@]{0,4}\([^;\n]{0,40}\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b[^;,\n]{0,60},[^;\n]{0,60}(\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b|\$_FILES|php:\/\/input)/ nocase
        $b = /\b(fwrite|fputs)[\s@]{0,4}\([\s@]{0,4}fopen[\s@]{0,4}\([^;\n]{0,40}\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b[^;\n]{0,80},[^;\n]{0,60}(\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b|\$_FILES|php:\/\/input)/ nocase
        $c = /\b(file_put_contents)[\s@]{0,4}\([^;,\n]{0,60}\.(php[0-9]?|phtml|asp|aspx|jsp)["']\s?,[^;\n]{0,40}\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $d = /\b(fwrite|fputs)[\s@]{0,4}\([\s@]{0,4}fopen[\s@]{0,4}\([^;\n]{0,60}\.(php[0-9]?|phtml|asp|aspx|jsp)["'][^;\n]{0,20},[^;\n]{0,40}\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $e = /\bcopy ?\(@?\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b[^;,\n]{0,60},[^;\n]{0,40}\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $f = /\bfile_put_contents[\s@]{0,4}\([^;\n]{0,80},\s?["']<\?(php)?[^;\n]{0,40}(eval|assert|system|\$_)/ nocase
    condition:
        filesize < 500KB
        and any of them
}

rule WEBSHELL_PHP_Upload_Raw_Name {
    meta:
        description = "Detects a small PHP upload page that stores the file under the name sent by the client, without any check"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/features.file-upload.php"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "de38635f-1832-53ac-81c0-6e1d948da6d4"
    strings:
        $move1 = /\b(move_uploaded_file|copy)[\s@]{0,4}\([\s@]{0,4}\$(_FILES|HTTP_POST_FILES)\s?\[[^;\n]{1,60}tmp_name["']?\s?\][^;\n]{0,6},[^;\n]{0,80}\$(_FILES|HTTP_POST_FILES)\s?\[[^;\n]{1,60}name["']?\s?\]/ nocase
        $move2 = /\b(move_uploaded_file|copy)[\s@]{0,4}\([\s@]{0,4}\$\w{1,40}(\[[^\]\n]{1,30}\]){0,2}\s?,/ nocase
        $name1 = /\$\w{1,40}\s?=[^;\n]{0,80}\$(_FILES|HTTP_POST_FILES)\s?\[[^;\n]{1,60}["']name["']?\s?\]/ nocase
        $tmp = /\$(_FILES|HTTP_POST_FILES)\s?\[[^;\n]{1,60}["']?tmp_name/ nocase
        $form1 = /type\s?=\s?\\?["']?file\b/ nocase
        $form2 = "multipart/form-data"
        $form3 = /name\s?=\s?\\?["']?(_upl|uploader|upl|uploadfile)\b/ nocase
        $curl = /curl\s?-F|-F\s?["']?\w{1,10}=@/
        $fp1 = "namespace "
        $fp2 = /\b(pathinfo|in_array|getimagesize|finfo_open|check_admin_referer|is_allowed|mime_content_type|wp_verify_nonce)\s?\(/ nocase
        $fp3 = "@license"
    condition:
        filesize < 10KB
        and none of ($fp*)
        and (any of ($form*) or $curl)
        and ($move1 or ($move2 and $name1) or ($move2 and $tmp and filesize < 3KB))
}

rule SUSP_PHP_Upload_Bare {
    meta:
        description = "Detects a tiny PHP file that stores an upload under the name of the client and does nothing else"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.move-uploaded-file.php"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "5e780d4f-599a-5991-bac8-1530eb7fa960"
    strings:
        $move1 = /\b(move_uploaded_file|copy)[\s@]{0,4}\([\s@]{0,4}\$(_FILES|HTTP_POST_FILES|\w{1,30})\s?[^;\n]{0,80},[^;\n]{0,80}\)/ nocase
        $files = /\$(_FILES|HTTP_POST_FILES)\s?\[/ nocase
        $fp1 = "namespace "
        $fp3 = /\b(pathinfo|in_array|getimagesize|finfo_open|mime_content_type)\s?\(/ nocase
    condition:
        filesize < 1500
        and $move1
        and $files
        and none of ($fp*)
}

rule WEBSHELL_PHP_Panel_Capabilities {
    meta:
        description = "Detects PHP administration panels of intruders by the capabilities they combine: commands, file rights, system facts, databases and connect-back"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1083"
        mitre_att = "T1082"
        id = "387483c7-6094-5888-bd6a-bf506d66e913"
    strings:
        $cmd1 = /\b(shell_exec|passthru|proc_open|popen)[\s@]{0,4}\([\s@]{0,4}["'$]/ nocase
        $cmd2 = /\b(function_exists|is_callable)[\s@]{0,4}\([\s@]{0,4}["'](shell_exec|passthru|exec|system|popen|proc_open)["']/ nocase
        $sys1 = /\b(posix_getpwuid|posix_getgrgid|posix_getuid|get_current_user|getmyuid)[\s@]{0,4}\(/ nocase
        $sys2 = /\bini_get[\s@]{0,4}\([\s@]{0,4}["'](disable_functions|safe_mode|open_basedir)["']/ nocase
        $sys3 = "php_uname("
        $sys4 = "/etc/passwd"
        $sys5 = /\bdisk_(free|total)_?space[\s@]{0,4}\(/ nocase
        $disk1 = "fileperms("
        $disk2 = /\bchmod[\s@]{0,4}\([^;\n]{0,60}(\$|\$\{["']?)_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\b/ nocase
        $disk3 = /\b(unlink|rmdir|rename|mkdir|touch)[\s@]{0,4}\([^;\n]{0,40}(\$|\$\{["']?)_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\b/ nocase
        $disk4 = /0x(C000|A000|8000|6000|4000|2000|1000)\)\s?==?=?\s?0x(C000|A000|8000|6000|4000|2000|1000)/ nocase
        $disk5 = "move_uploaded_file("
        $disk6 = /\b(copy|fopen|file_get_contents|highlight_file|show_source|readfile|scandir|opendir|chdir)[\s@]{0,4}\([^;\n]{0,20}(\$|\$\{["']?)_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\b/ nocase
        $ui1 = /(Safe[_ -]?Mode|Disable[d]? ?Func(tion)?s?|Open[_ ]basedir)\s{0,3}:?[^\n]{0,40}(ON|OFF|NONE|<)/ nocase
        $ui2 = /\b(web ?shell|b(ack|ind)[-_ ]?(connect|port|shell)|reverse ?shell|deface|symlink|mass ?def|bypass|jumping|cpanel crack|zone-?h|brute ?force|r00t|backdoor|hacked by|kill ?(me|self)|self ?remove)\b/ nocase
        $ui3 = /=\s?\\?["']?(cmd|command|exec|execute|shell|perintah|cmdexec)\b/ nocase
        $ui4 = /\b(Uname|Server IP|Your IP|User ?: ?|Software|Kernel|HDD|PHP version|cwd)\s?:/ nocase
        $ui5 = "<textarea"
        $ui6 = "phpinfo()"
        $req = /(\$\{?["']?(_(GET|POST|REQUEST|COOKIE|FILES|SERVER)|HTTP_(POST|GET|COOKIE)_VARS|HTTP_RAW_POST_DATA)|getallheaders[\s@]{0,4}\(|apache_request_headers[\s@]{0,4}\(|filter_input[\s@]{0,4}\(|["']php:\/\/input)/ nocase
    condition:
        filesize < 1MB
        and $req
        and any of ($cmd*)
        and 2 of ($sys*)
        and 2 of ($disk*)
        and 2 of ($ui*)
}

rule WEBSHELL_PHP_File_Manager_Request {
    meta:
        description = "Detects short PHP file managers of intruders that edit, rename, change rights of and upload files named by the request, without login framework"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1083"
        id = "b3a39c99-3002-55d7-aff4-8a167997b356"
    strings:
        $m1 = /\b(unlink|rmdir)[\s@]{0,4}\([^;\n]{0,30}(\$|\$\{["']?)_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\b/ nocase
        $m2 = /\brename[\s@]{0,4}\([^;\n]{0,40}(\$|\$\{["']?)_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\b/ nocase
        $m3 = /\bchmod ?\(/
        $m4 = /\b(file_put_contents|fwrite|fputs)[\s@]{0,4}\([^;\n]{0,80}(\$|\$\{["']?)_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\b/ nocase
        $m5 = /\b(move_uploaded_file|copy)[\s@]{0,4}\([^;\n]{0,60}\$_FILES/ nocase
        $m6 = /\b(chdir|scandir|opendir|file_get_contents|readfile|highlight_file)[\s@]{0,4}\([^;\n]{0,20}(\$|\$\{["']?)_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\b/ nocase
        $m7 = /\bfileperms ?\(/
        $m8 = /\bgetcwd ?\(/
        $u1 = "<textarea" nocase
        $u2 = /type\s?=\s?\\?["']?file\b/ nocase
        $u3 = "php_uname"
    condition:
        filesize < 200KB
        and 5 of ($m*)
        and 2 of ($u*)
}

rule WEBSHELL_PHP_Known_Panel_Names {
    meta:
        description = "Detects widespread PHP shells by the names and titles their authors print in them"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        id = "947472b7-234f-580b-8f31-2bb16d6bdf2e"
    strings:
        $n1 = /\b(c99shell|c99[- _.]shell|c99[- _.]webshell|r57shell|r57[- _.]shell|r57[- _.]webshell|c100shell|c100[- _.]shell|c100[- _.]webshell|r00tshell|r00t[- _.]shell|r00t[- _.]webshell|idxshell|idx[- _.]shell|idx[- _.]webshell|minishell|mini[- _.]shell|mini[- _.]webshell|alfashell|alfa[- _.]shell|alfa[- _.]webshell|wsoshell|wso[- _.]shell|wso[- _.]webshell|leafshell|leaf[- _.]shell|leaf[- _.]webshell|priv8shell|priv8[- _.]shell|priv8[- _.]webshell|an0nshell|an0n[- _.]shell|an0n[- _.]webshell|nstshell|nst[- _.]shell|nst[- _.]webshell|saudishell|saudi[- _.]shell|saudi[- _.]webshell|storm7shell|storm7[- _.]shell|storm7[- _.]webshell|tryagshell|tryag[- _.]shell|tryag[- _.]webshell|locus7shell|locus7[- _.]shell|locus7[- _.]webshell|cybershell|cyber[- _.]shell|cyber[- _.]webshell|phpspyshell|phpspy[- _.]shell|phpspy[- _.]webshell)\b/ nocase
        $n2 = /\b(c99sh|c99shell|r57shell|b374k|FilesMan|wso_version|WSOsetcookie|wsoEx|FilesTools|ALFA_DATA|alfacgiapi|IndoXploit|phpspy|PHPJackal|SimAttacker|0wn3d|IDCwriter|MinionsBar|webr00t|0byt3m1n1|marijuana shell|gel4y|madspot|galerz|con7ext|phpremoteview|ayyildiz|sosyete|cybershell|nix remote|safe0ver)\b|zone-h\.org\/notify|Mini ?Shell ?By/ nocase
        $n3 = /<title>[^<\n]{0,50}(shell|backdoor|hacked|bypass|uploader|priv8|0day|mass deface)[^<\n]{0,50}<\/title>/ nocase
        $s1 = /\b(eval|system|shell_exec|passthru|popen|proc_open|exec|base64_decode|move_uploaded_file|preg_replace|file_put_contents|posix_getpwuid|fileperms)[\s@]{0,4}\(/ nocase
        $tag = /<\?(php|=|\s)|<[%]/ nocase
    condition:
        filesize < 1MB
        and $tag
        and $s1
        and any of ($n*)
}

rule SUSP_PHP_Mass_Mailer {
    meta:
        description = "Detects PHP bulk mailers: sender, subject and body taken from the request and sent to each line of a recipient list"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.mail.php"
        mitre_att = "T1505.003"
        mitre_att = "T1566"
        id = "9fe80e3c-2078-5005-aea3-6f77cc2f32a5"
    strings:
        $loop1 = /explode\s?\(\s?["'](\\n|\\r\\n|,)["']\s?,[^;\n]{0,40}\$(\{?["']?_(POST|REQUEST)|\w{0,12}(mail|list|to|recip|email)\w{0,12})/ nocase
        $mail = /[\s;@(!=]mail[\s@]{0,4}\(\s?\$\w{1,30}(\[[^\]]{1,30}\])?\s?,\s?\$\w{1,30}\s?,/ nocase
        $p1 = /\$_(POST|REQUEST)\s?\[\s?["']?(from|realname|sender|nama|fromname|from_name)/ nocase
        $p2 = /\$_(POST|REQUEST)\s?\[\s?["']?(subject|sub|subjek|assunto)/ nocase
        $p3 = /\$_(POST|REQUEST)\s?\[\s?["']?(emaillist|mailist|maillist|list|emails|to|mails|emailz|mailto)/ nocase
        $p4 = /\$_(POST|REQUEST)\s?\[\s?["']?(message|letter|html|pesan|body|messagem)/ nocase
        $h = /(X-Mailer|X-Priority|Reply-To|MIME-Version)\s?:/ nocase
    condition:
        filesize < 200KB
        and $loop1
        and $mail
        and 2 of ($p*)
        and $h
}

rule SUSP_PHP_Search_Engine_Cloak {
    meta:
        description = "Detects PHP code that shows search-engine visitors content fetched from another server"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1608.006"
        id = "feb0e445-0161-522c-a8c6-46d608cafedb"
    strings:
        $ua = /(googlebot|bingbot|yandexbot|baiduspider|google\.(com|co)|slurp)[^\n]{0,120}(bing|yahoo|yandex|msn|baidu|slurp|google)/ nocase
        $srv = /\$_SERVER\s?\[\s?["']HTTP_(USER_AGENT|REFERER|ACCEPT_LANGUAGE)/ nocase
        $get = /(file_get_contents|curl_init|fsockopen|curl_exec) ?\(/ nocase
        $out = /\b(echo|print|die|exit)[ (@]{1,4}[$\w]/ nocase
        $dyn = /(REQUEST_URI|HTTP_HOST|base64_decode|urlencode)/
    condition:
        filesize < 40KB
        and $ua
        and #srv > 0
        and $get
        and $out
        and #dyn > 1
}

rule WEBSHELL_PHP_Image_Polyglot {
    meta:
        description = "Detects an image header in front of PHP code that runs commands, evaluates text or takes uploads"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1036/008/"
        mitre_att = "T1505.003"
        mitre_att = "T1036.008"
        id = "917ae863-c5cb-56e6-85c2-eb5e7704da98"
    strings:
        $php = /<[?]/
        $s1 = /[\s;@{}(=?.!](system|shell_exec|exec|passthru|popen|proc_open|pcntl_exec) ?\( ?["']?[$\w]/ nocase
        $s2 = /\b(eval|assert|create_function) ?\(/ nocase
        $s3 = /\b(base64_decode|gzinflate|str_rot13|move_uploaded_file|file_put_contents|fwrite|readdir|fileperms) ?\(/ nocase
        $s4 = /(\$|\$\{["']?)_(GET|POST|REQUEST|COOKIE|FILES|SERVER)\b\s?[\[{]/
        $s5 = /\b(include|require)(_once)?\s?\(?\s?\$/ nocase
        $gif = "GIF8"
        $png = { 89 50 4E 47 }
        $jpg = { FF D8 FF ( E0 | E1 | E2 | DB | EE | FE ) }
        $pdf = "%PDF"
        $php2 = /<script language ?= ?["\']?php/ nocase
    condition:
        filesize < 10MB
        and for any of ($gif, $png, $jpg, $pdf) : ($ at 0)
        and any of ($php*)
        and any of ($s*)
}

rule WEBSHELL_PHP_Connect_Back {
    meta:
        description = "Detects PHP code that opens a socket to a given host and wires a command interpreter to it"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.fsockopen.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059.004"
        mitre_att = "T1095"
        id = "8f214c53-f322-5eeb-94bc-5b64a3544c48"
    strings:
        $sock = /\b(fsockopen|socket_create|stream_socket_client|pfsockopen)[\s@]{0,4}\(/ nocase
        $run = /\b(proc_open|popen|shell_exec|passthru)[\s@]{0,4}\(/ nocase
        $sh1 = /["'](\/bin\/(ba)?sh( -i)?|uname -a; w; id;?|cmd\.exe|cmd \/c)/ nocase
        $sh2 = "daemonise"
        $loop = /\b(feof|socket_read|stream_select|fgets|fread)[\s@]{0,4}\(/ nocase
        $fp1 = "namespace "
    condition:
        filesize < 500KB
        and $sock
        and $run
        and any of ($sh*)
        and $loop
        and not $fp1
}
