// suppress: P003, P016 -- one shape is several expressions, but only its rarest is
// searched everywhere, and the benchmark counts what that costs

// Writing, reading and fetching of files at the will of a request: uploaders,
// droppers, downloaders and planted copies.

rule WEBSHELL_PHP_Write_Opened_From_Request {
    meta:
        description = "Detects PHP that opens a file named by the request for writing and puts request data into it, without any check in between"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.fwrite.php"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "876a0660-3e5d-5f86-8752-fdc70a3d9d4e"
    strings:
        $a = /f(write|puts)\s?\(\s?@?fopen\s?\(\s?(\$\w{1,20}|\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)[^,;]{1,40}|\$_FILES[^,;]{1,60})\s?,\s?["'](w|a|x|wb|w\+|ab|a\+|wb\+)["']\s?\)\s?,\s?(\$\w{1,20}|@?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS))/ nocase
        $b = /fopen\s?\(\s?(stripslashes\s?\(\s?)?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)[^,;]{1,40},\s?["'](w|a|x|wb|w\+|ab|a\+)["']/
        $w = /f(write|puts)\s?\(/
        $in = /\$(_[GPRCFS]|HTTP_)/
        $fp1 = "namespace "
    condition:
        filesize < 40KB
        and $w
        and $in
        and any of ($a, $b)
        and not $fp1
}

rule WEBSHELL_PHP_Hex_Pairs_Decoded_To_File {
    meta:
        description = "Detects the loop that turns pairs of hexadecimal digits of a request field into bytes by urldecode of a percent sign, the file writer of web shell clients"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.urldecode.php"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        mitre_att = "T1140"
        id = "d4164f18-f056-5932-99d8-53076e88da2f"
    strings:
        $a = /(urldecode|rawurldecode)\s?\(\s?["']%["']\s?\.\s?(substr\s?\(\s?\$\w{1,20}\s?,\s?\$\w{1,10}\s?,\s?2|\$\w{1,20}\[)/ nocase
        $b = /chr\s?\(\s?hexdec\s?\(\s?substr\s?\(\s?\$\w{1,20}\s?,\s?\$\w{1,10}\s?,\s?2\s?\)/ nocase
        $in = /\$(_[GPRCFS]|HTTP_)/
        $w = /(fopen|file_put_contents|eval|fwrite|create_function|assert)\s?\(/
    condition:
        filesize < 20KB
        and $in
        and $w
        and any of ($a, $b)
}

rule WEBSHELL_PHP_Upload_Named_By_Client {
    meta:
        description = "Detects short PHP upload forms that keep the name given by the client and check nothing: no extension, type, size, login or token"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://owasp.org/www-community/vulnerabilities/Unrestricted_File_Upload"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "cf3c068c-7898-5ddb-816b-1cf0b4472d0c"
    strings:
        $a = /(move_uploaded_file|copy)\s?\(\s?\$_FILES\s?\[[^\]]{1,30}\]\s?\[\s?["']?tmp_name["']?\s?\](\s?\[[^\]]{1,10}\])?\s?,\s?(["'.\/\w\s\$]{0,40}\.)?\s?(basename\s?\(\s?)?\$_FILES\s?\[[^\]]{1,30}\]\s?\[\s?["']?name/ nocase
        $b = /=\s?(["'.\/\w\s\$]{0,40}\.)?\s?(basename\s?\(\s?)?\$_FILES\s?\[[^\]]{1,30}\]\s?\[\s?["']?name["']?\s?\]/ nocase
        $b2 = /(move_uploaded_file|copy)\s?\(\s?(\$_FILES\s?\[[^\]]{1,30}\]\s?\[\s?["']?tmp_name["']?\s?\]|\$\w{1,30})\s?,\s?(\$\w{1,30}|["'.\/\w\s]{0,40}\.\s?\$)/ nocase
        $form = /enctype\s?=\s?\\?["']?multipart\/form-data/ nocase
        $fp1 = /pathinfo|in_array|PATHINFO_EXTENSION|allowed|\$allow|getimagesize|finfo|preg_match/ nocase
        $fp2 = /\[\s?["']?(type|size|error)["']?\s?\]\s?(==|!=|>|<)/
        $fp3 = /namespace |@package|\$_SESSION|csrf|wp_nonce|UPLOAD_ERR/ nocase
    condition:
        filesize < 4KB
        and ($a or ($form and $b and $b2))
        and none of ($fp*)
}

rule WEBSHELL_PHP_Upload_Hidden_Switch {
    meta:
        description = "Detects PHP upload forms that only appear with a query switch or print the system name beside the form, the mark of planted uploaders"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://owasp.org/www-community/vulnerabilities/Unrestricted_File_Upload"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "65683076-f30c-53b8-8f1e-faff6a50cade"
    strings:
        $uname = "php_uname"
        $form = /type\s?=\s?\\?["']?file/ nocase
        $move = /\b(move_uploaded_file|copy)\s?\(\s?\$_FILES/
        $sw = /if\s?\(\s?(isset\s?\(\s?)?\$_(GET|REQUEST|COOKIE)\s?\[\s?["']?\w{1,20}["']?\s?\]\s?\)?\s?(={2,3}\s?["']?\w{1,40}["']?\s?)?\)\s?\{?\s?(echo|print|\?>)[\s(]{0,4}["']?\s{0,4}<(form|b|font|center|title)/ nocase
        $fp1 = "namespace "
    condition:
        filesize < 12KB
        and $form
        and $move
        and any of ($uname, $sw)
        and not $fp1
}

rule WEBSHELL_PHP_Upload_Register_Globals {
    meta:
        description = "Detects old PHP uploaders that rely on register_globals: the temporary name of the upload is a plain variable and the target is a script or a form field"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/features.file-upload.php"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "09854dc7-f003-54e0-b550-d4089887cc90"
    strings:
        $a = /(loaded_file\(|copy\(|loaded_file \(|copy \() ?\$\w{1,20} ?, ?["'][^"'\n]{0,40}\.(php\d?|phtml|inc)["']/ nocase
        $b = /(loaded_file\(|copy\(|loaded_file \(|copy \() ?\$(\w{1,20}) ?, ?["']?\$?\w{0,20}["'\/.]{0,3} ?\.? ?\$\w{1,20}_name["']? ?\)/ nocase
        $form = /type\s?=\s?\\?["']?file/ nocase
    condition:
        filesize < 6KB
        and $form
        and any of ($a, $b)
}

rule WEBSHELL_PHP_Put_Contents_Of_Request {
    meta:
        description = "Detects file_put_contents and its like whose target and content both come from the request, also through a decoder"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.file-put-contents.php"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "80a57656-2e1b-52df-bddc-334ed903111b"
    strings:
        $a = /file_put_contents\s?\(\s?(dirname\(__FILE__\)\s?\.\s?["']\/["']\s?\.\s?|__DIR__\s?\.\s?["']\/["']\s?\.\s?|["'.\/\w]{1,20}\s?\.\s?)?(base64_decode\s?\(\s?|urldecode\s?\(\s?)?@?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)[^,;]{1,60},\s?@?(base64_decode|hex2bin|urldecode|stripslashes|gzinflate|str_rot13|pack|file_get_contents)?[\s(]{0,3}(["']H\*["']\s?,\s?)?@?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)/ nocase
        $b = /file_put_contents\s?\(\s?["'][^"'\n]{1,60}\.(php\d?|phtml|phar|inc|htaccess)["']\s?,\s?@?(base64_decode|hex2bin|urldecode|stripslashes|gzinflate|str_rot13)?[\s(]{0,3}@?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)/ nocase
        $c = /file_put_contents\s?\(\s?\$\w{1,20}\s?,\s?@?(base64_decode|hex2bin|urldecode|stripslashes|gzinflate|str_rot13)\s?\(\s?@?\$_(POST|GET|REQUEST|COOKIE)\s?\[/ nocase
        $d = /file_put_contents\s?\(\s?["'][^"'\n]{1,60}["']\s?,\s?@?\$_(GET|POST|REQUEST)\s?\[[^;]{1,60};[^;]{0,100};?\s{0,6}@?(include|require)(_once)?\b/ nocase
    condition:
        filesize < 200KB
        and any of them
}

rule WEBSHELL_PHP_Downloader_Remote_To_Script {
    meta:
        description = "Detects PHP that fetches text from a fixed address and stores it as a script or below the document root, the second stage of many intrusions"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1105/"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "60d31b4e-237e-56b4-870e-446cc604c702"
    strings:
        $put = /(file_put_contents|fopen|fwrite|copy)\s?\(\s?[^;]{0,80}\.(php\d?|phtml|htaccess|suspected|pht)["']\s?[,.)]/ nocase
        $get = /(_contents\(["']http|curl_init\(["']http|curl_get\(["']http|http_get\(["']http|copy\(["']http|fopen\(["']http|file\(["']http|getdata\(["']http|get_url\(["']http|_contents\(["']ftp:|copy\(["']ftp:)s?:?\/\/[^"']{4,200}["']/ nocase
        $paste = /https?:\/\/(raw\.githubusercontent\.com|pastebin\.com\/raw|hastebin|paste\.\w{2,8}|gist\.github|raw\.github|textbin|rentry\.co|transfer\.sh|pastecode)/ nocase
        $root = /\$_SERVER\s?\[\s?["']DOCUMENT_ROOT["']\s?\]/
        $w = /(fwrite|file_put_contents|fputs)\s?\(/
        $fp1 = /namespace |@package|\bclass /
        $direct = /copy ?\( ?["']https?:\/\/[^"'\n]{4,120}["'] ?, ?["'][^"'\n]{1,60}\.(php\d?|phtml|inc)["']/ nocase
        $fp2 = "getcomposer.org"
    condition:
        filesize < 15KB
        and (
            $direct
            or ($w and (($put and $get) or (filesize < 5KB and $paste and ($put or $root))))
        )
        and none of ($fp*)
}

rule WEBSHELL_PHP_Shell_Download_Command {
    meta:
        description = "Detects PHP that runs wget, curl, fetch or lwp-download through a command function to bring a script or binary onto the server"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1105/"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "03dd3eb2-e90f-56ae-b790-1338d12dd613"
    strings:
        $a = /(system\(|system \(|exec\(|exec \(|passthru\(|passthru \(|popen\(|popen \(|proc_open\(|proc_open \()["'][^\n;]{0,80}(wget|curl|lwp-download|lynx|fetch|GET) [^"'\n]{0,60}(https?:|ftp:|["'] ?\. ?\$)/ nocase
        $b = /(system\(|system \(|exec\(|exec \(|passthru\(|passthru \(|popen\(|popen \()["'](cd \/tmp|cd \/var\/tmp|cd \/dev\/shm)[^"'\n]{0,80}(wget|curl|chmod|perl|tar)/ nocase
        $d = /["'](cd \/tmp ?; ?)?(wget|curl|lwp-download) [^"'\n]{4,120}(;|&&|\|) ?(chmod|sh\b|bash|perl|\.\/|\/tmp)/
    condition:
        filesize < 200KB
        and any of ($a, $b, $d)
}

rule WEBSHELL_PHP_Dropper_Writes_Shell_Text {
    meta:
        description = "Detects PHP that writes PHP text with a sink into another file, as a plain, escaped or decoded literal, often in a loop that restores it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "eea3d5f1-6054-5ce6-a164-290fa60d8e95"
    strings:
        $a = /["']<\?(php)?[^;\n]{0,80}(eval\(|assert\(|system\(|passthru\(|shell_exec\(|eval \(|eval\\\()/ nocase
        $c = /base64_decode ?\( ?["']PD9(waH|QSF|gQG|gZX|KZX|waHA)/ nocase
        $d = /into\s(out|dump)file\s?["'\\][^;\n]{0,100}\.(php|asp|jsp)/ nocase
        $e = /(while\(1\)|while \(1\)|while\(true\)|while \(true\)|while\(1==1\))\s{0,4}\{[^}]{0,200}file_put_contents/ nocase
        $e2 = "ignore_user_abort"
        $w = /(file_put_contents|fwrite|fputs) ?\(/ nocase
        $hex = "0x3c3f706870"
    condition:
        filesize < 200KB
        and (($w and any of ($a, $c)) or ($d and any of ($a, $hex)) or ($e2 and $e))
}

rule SUSP_PHP_File_Read_From_Request {
    meta:
        description = "Detects very short PHP that prints or sends any file whose name the request gives, without a check of the path"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://owasp.org/www-community/attacks/Path_Traversal"
        mitre_att = "T1505.003"
        mitre_att = "T1005"
        id = "e6000e7a-6c65-50a3-8854-3e9b461c7fce"
    strings:
        $a = /(readfile|file_get_contents|fopen|show_source|highlight_file|file|copy)\s?\(\s?@?\$_(GET|POST|REQUEST|COOKIE)\s?\[/ nocase
        $b = /\$\w{1,20}\s?=\s?@?\$_(GET|POST|REQUEST)\s?\[[^;]{1,30};[^;]{0,80};?[^;]{0,80};?[^;]{0,80};?\s{0,6}(\$\w{1,12}\s?=\s?|echo\s)?@?(readfile|file_get_contents|fopen|show_source|highlight_file)\s?\(\s?["']?\$\w{1,20}["']?\s?[,)]/ nocase
        $fp1 = /basename|realpath|in_array|preg_match|preg_replace|namespace |class |function |str_replace|intval|@package/
    condition:
        filesize < 1KB
        and any of ($a, $b)
        and not $fp1
}

rule WEBSHELL_PHP_Timestamp_Forged {
    meta:
        description = "Detects PHP that writes a file and then gives it the time of a neighbouring file or an old date, so that it does not stand out"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1070/006/"
        mitre_att = "T1505.003"
        mitre_att = "T1070.006"
        id = "d6e2ca09-cef7-5d18-b90e-0dcefa022ad8"
    strings:
        $a = /(file_put_contents|fwrite|fputs|copy|move_uploaded_file)\s?\([^;]{1,100};[^;]{0,60};?[^;]{0,60};?\s{0,6}@?touch\s?\([^;]{1,80},\s?@?(filemtime|filectime|strtotime)\s?\(/ nocase
        $b = /\btouch\s{1,2}-r\s/
        $sh = /\b(system|exec|passthru|shell_exec)\s?\(\s?["']touch\s{1,2}-r\s/
        $in = /\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)\s?[\[{]|eval\s?\(|base64_decode/
        $fp1 = /\b(namespace|class) \w{1,40}\s?[;{\\]/
    condition:
        filesize < 60KB
        and (($a and $in) or ($b and $sh))
        and not $fp1
}

rule WEBSHELL_PHP_Self_Protecting_File {
    meta:
        description = "Detects PHP that takes away write permission from itself or a planted file, deletes competing shells or removes itself on demand"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1070/004/"
        mitre_att = "T1505.003"
        id = "cf637bb6-b87b-52c3-b42a-f3a92e595b56"
    strings:
        $a = /(chmod\(__FILE__|chmod \(__FILE__|chmod\(\$_SERVER\[["']SCRIPT_FILENAME["']\]|chmod\(\$_SERVER\[["']PHP_SELF["']\]|chmod\(basename\(__FILE__\)) ?, ?0?(444|400|555|111)/
        $b = /if\s?\(\s?(isset\s?\(\s?)?\$_(GET|POST|REQUEST)\s?\[[^;{]{1,60}\)\s?\{?\s?@?(unlink\(__FILE__|unlink \(__FILE__|unlink\(\$_SERVER\[["']SCRIPT_F)/
        $c = /(self_?remove|kill_?self|self_?destruct|suicide)["']?\s?[)\]=][^\n]{0,200}(unlink\(__FILE__|unlink \(__FILE__|unlink\(\$_SERVER)/ nocase
        $in = /\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)\s?[\[{]|eval\s?\(|fwrite\s?\(/
    condition:
        filesize < 300KB
        and any of ($a, $b, $c)
        and $in
}

rule WEBSHELL_PHP_Temporary_File_Included {
    meta:
        description = "Detects PHP that writes code into a temporary file, includes it and deletes it at once, evaluation without any function that evaluates"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.tempnam.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "8bb5c7d2-011d-51dc-9831-60ed270b568a"
    strings:
        $inc = /(lude|uire|_once)[ (]{1,2}\$\w{1,20} ?\)? ?;\s{0,8}@?unlink ?\( ?\$\w/
        $temp = /tempnam ?\(|sys_get_temp_dir ?\(|tmpfile ?\(|["']\/tmp\//
        $tag = /["']<[?](php)?/
    condition:
        filesize < 200KB
        and $inc
        and $temp
        and $tag
}

rule SUSP_PHP_Fields_Written_To_File {
    meta:
        description = "Detects short PHP that takes a name and a text from the request and puts the one into the file of the other, without looking at either"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.file-put-contents.php"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "fbf9b5c6-d628-50f6-845d-1ad9e6e7ce51"
    strings:
        $set = /\$\w{1,20} ?= ?@?(base64_decode ?\(|urldecode ?\(|stripslashes ?\(|hex2bin ?\()?@?\$_(GET|POST|REQUEST|COOKIE) ?\[/
        $put = /file_put_contents ?\( ?\$\w{1,20} ?, ?\$\w{1,20} ?\)/
        $fp1 = /basename|realpath|in_array|preg_match|namespace |\bclass |json_encode|session_start|\$_SESSION/
    condition:
        filesize < 1500
        and #set > 1
        and $put
        and not $fp1
}

rule WEBSHELL_PHP_Text_Put_Before_Files {
    meta:
        description = "Detects PHP that walks folders and puts one text in front of or behind each file it finds, the way scripts and redirects get into all pages of a server"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1491/002/"
        mitre_att = "T1505.003"
        mitre_att = "T1491.002"
        id = "ea64ed83-9a80-5952-9bb5-c632df249668"
    strings:
        $put = /(file_put_contents|fwrite) ?\( ?\$\w{1,12} ?, ?(\$\w{1,12} ?\. ?@?file_get_contents ?\( ?\$\w{1,12} ?\)|@?file_get_contents ?\( ?\$\w{1,12} ?\) ?\. ?\$\w{1,12}) ?\)/
        $walk = /(glob|scandir|opendir|RecursiveDirectoryIterator) ?\(/
        $text = /<script|<iframe|base64_decode|["']<[?]php|eval\(/
    condition:
        filesize < 60KB
        and all of them
}
