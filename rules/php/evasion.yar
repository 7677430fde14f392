// suppress: P003, P016 -- one shape is several expressions, but only its rarest is
// searched everywhere, and the benchmark counts what that costs

// Spellings that collections of bypasses show: names made of other values,
// arguments that travel by odd ways, sinks nobody lists.

rule WEBSHELL_PHP_Name_From_Constant_Function {
    meta:
        description = "Detects short PHP that builds a function name from values of the language itself: constants, error texts, class names, array keys or defined functions"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/functions.variable-functions.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "c38ba776-5bfe-50df-9109-92aca17383ff"
    strings:
        $a = /get_defined_functions\s?\(\s?\)\s?(\[|;[^;]{0,80}\[\s?["']internal)/
        $c = /(eval\(|assert\(|system\()@?(end|next|pos|current|array_pop|array_shift|reset|implode) ?\(@?(get_defined_vars|getallheaders|apache_request_headers|current|reset|end|scandir|array_reverse|session_id) ?\(/
        $d = /(readfile|show_source|highlight_file|file_get_contents) ?\( ?(next|end|current|pos|array_rand|array_flip) ?\( ?(array_reverse|scandir|array_flip|array_rand) ?\(/
        $e = /session_id\s?\(\s?session_start\s?\(\s?\)\s?\)|(eval|assert|hex2bin)\s?\(\s?(hex2bin\s?\(\s?)?session_id\s?\(/
        $fp1 = /namespace |@package|phpunit/
    condition:
        filesize < 20KB
        and any of ($a, $c, $d, $e)
        and not $fp1
}

rule WEBSHELL_PHP_Namespace_Or_Case_Sink {
    meta:
        description = "Detects PHP sinks written with a leading backslash, mixed case, alias import or inside of heredoc braces around request data"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.namespaces.fallback.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "53f752e2-77c4-584e-a543-d0d63b37a86d"
    strings:
        $a = /\\(system\(|system \(|exec\(|exec \(|passthru\(|passthru \(|shell_exec\(|shell_exec \(|assert\(|assert \(|popen\(|popen \(|eval\(|eval \()@?\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $b = /(use function system|use function \\system|use function exec|use function \\exec|use function passthru|use function \\passthru|use function shell_exec|use function \\shell_exec|use function assert|use function \\assert|use function popen|use function \\popen) as \w{1,20} ?;/ nocase
        $c = /\{\\?(\$\{eval\(|\$\{@eval\(|\$\{system\(|\$\{@system\(|\$\{assert\(|\$\{passthru\(|\$\{phpinfo\(|\$\{exec\()|(\$\{@eval\(|\$\{@system\(|\$\{@assert\(|\$\{phpinfo\(|\$\{@print\(|\$\{eval\(\$_|\$\{system\(\$_|\$\{passthru\(\$_)/ nocase
        $d = /(eVaL\(|EvAl\(|eVAl\(|EVal\(|evAL\(|bAsE64_dEcOd[E]|BaSe64_DeCoD[e]|GzInFlAt[E]|gZiNfLaT[e]|AsSeRt\(\$|aSsErT\(\$|ASSert\(\$|AsSeRt\(@|aSsErT\(@|SyStEm\(\$|sYsTeM\(\$)/
    condition:
        filesize < 300KB
        and any of them
}

rule WEBSHELL_PHP_Callable_Array_Or_String {
    meta:
        description = "Detects PHP that runs request data by a callable literal: an array of class and method, a string with two colons, or array access and call at once"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.types.callable.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "00da531f-0955-57c3-9706-d778d7df2a1b"
    strings:
        $a = /["'](assert|system|exec|passthru|shell_exec|eval|create_function)["'] ?(, ?["']\w{1,20}["'] ?)?[\])] ?\[ ?\d ?\] ?\(/ nocase
        $b = /\$\w{1,20} ?\[ ?["']?\w{1,20}["']? ?(\]\(\$_GET|\]\(@\$_GET|\] \(\$_GET|\]\(\$_POST|\]\(@\$_POST|\] \(\$_POST|\]\(\$_REQUEST|\]\(@\$_REQUEST|\] \(\$_REQUEST|\]\(\$_COOKIE|\]\(@\$_COOKIE|\] \(\$_COOKIE)[\[{]/
        $c = /= ?["'](assert|system|exec|passthru|shell_exec|popen|create_function)["'] ?;[^;]{0,120};?[^;]{0,60}\$\w{1,20} ?\(@?\$/ nocase
        $d = /=> ?["'](assert|system|passthru|shell_exec)["'] ?[,)\]][^\n]{0,200}\$_(GET|POST|REQUEST|COOKIE)/ nocase
        $e = /list ?\( ?\$\w{1,8} ?, ?\$\w{1,8} ?\) ?= ?(array ?\(|\[)? ?["'](assert|system|exec|passthru)["']/ nocase
        $name = /(["']assert["']|["']system["']|["']exec["']|["']passthru["']|["']shell_exec["']|["']eval["']|["']create_function["']|["']popen["'])/ nocase
        $fp1 = /\b(namespace|class) \w{1,40}\s?[;{\\]/
    condition:
        filesize < 100KB
        and (($name and any of ($a, $c, $d, $e)) or $b)
        and not $fp1
}

rule WEBSHELL_PHP_Variable_Function_Small {
    meta:
        description = "Detects very small PHP files whose only act is to call a variable or request field as a function with request data as argument"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/functions.variable-functions.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "4966e238-c82a-58b1-8534-6a198146aca4"
    strings:
        $a = /[\s;@{}(=.?]\$\w{1,30}\s?\(\s?@?(stripslashes\s?\(\s?|base64_decode\s?\(\s?|urldecode\s?\(\s?|trim\s?\(\s?|\(\s?)?\$_(GET|POST|REQUEST|COOKIE)\s?[\[{]/
        $b = /\$_(GET|POST|REQUEST|COOKIE)\s?[\[{][^\]}\n]{0,20}[\]}]\s?\(\s?[@"'$\w]/
        $c = /\(\s?\$\w{1,12}\s?=\s?@?\$_(GET|POST|REQUEST|COOKIE)\s?[\[{][^\]}]{0,20}[\]}]\s?\)\s?\.?\s?@?\$\w{1,12}\s?\(/
        $d = /\$\w{1,20}\s?=\s?@?\$_(GET|POST|REQUEST|COOKIE)\s?[\[{][^;]{1,30};\s{0,6}(\$\w{1,20}\s?=\s?@?\$_(GET|POST|REQUEST|COOKIE)\s?[\[{][^;]{1,30};\s{0,6})?@?(echo\s)?@?\$\w{1,20}\s?\(\s?\$/
        $fp1 = /class |is_callable|function_exists/
    condition:
        filesize < 1500
        and any of ($a, $b, $c, $d)
        and not $fp1
}

rule WEBSHELL_PHP_Imported_Variable_Called {
    meta:
        description = "Detects PHP that imports request fields as variables (extract, parse_str, double dollar) and calls or evaluates one of them"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.extract.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "dc43648b-3ad1-5ad0-a85a-719ec5a94088"
    strings:
        $a = /(extract\s?\(\s?@?\$_(GET|POST|REQUEST|COOKIE)|parse_str\s?\(\s?(@?\$_(GET|POST|REQUEST|COOKIE)|\$_SERVER\s?\[\s?["'](QUERY_STRING|HTTP_)|(file_get_contents|getenv)\s?\())/
        $b = /(\$_GET as |\$_POST as |\$_REQUEST as |\$_COOKIE as )\$\w{1,8} ?=> ?\$\w{1,8} ?\)\s{0,3}\{?\s{0,4}(\$\$\w{1,8} ?=|[^{}]{0,40}\$\w{1,8} ?\( ?\$\w)/
        $r = /[\s;@{}(]\$\w{1,20} ?\( ?\$\w|\b(eval\(|assert\(|system\(|passthru\(|exec\()\$\w/
        $c = /extract\s?\(\s?(array_\w{3,12}\s?\(\s?)?\$_(GET|POST|REQUEST|COOKIE)[^;]{0,40};\s{0,6}@?(\$\w{1,12}\s?\(|eval|assert|system)/
    condition:
        filesize < 4KB
        and ($c or (($a or $b) and $r))
}

rule WEBSHELL_PHP_Comments_Between_Parts {
    meta:
        description = "Detects PHP in which comments or blanks stand between every part of an expression, so that no plain search finds sink and source together"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.basic-syntax.comments.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "c0a082c6-cd21-51ae-8b2b-8dcc871633a6"
    strings:
        $a = /["'] ?\. ?\/\*[^"'\n]{0,60}\*\/ ?\.? ?["'$(]/
        $b = /\$\/\*[^"'\n]{0,40}\*\//
        $c = /(eval\/\*|assert\/\*|system\/\*|base64_decode\/\*|passthru\/\*|exec\/\*|include\/\*|eval \/\*|assert \/\*|system \/\*|base64_decode \/\*)[^*\n]{0,60}\*\/\s?(\/\*[^*\n]{0,60}\*\/\s?)?\(/ nocase
        $d = /(eval#|eval\/\/|eval #|eval \/\/|assert#|assert\/\/|system#|system\/\/|passthru#|passthru\/\/)[^\n]{0,40}\n\s{0,4}((#|\/\/)[^\n]{0,40}\n\s{0,4}){0,3}\(/ nocase
        $b2 = /\w\/\*[^*\n]{0,40}\*\/[(\[{]/
    condition:
        filesize < 40KB
        and (#a > 2 or #b > 1 or #b2 > 1 or $c or $d)
}

rule WEBSHELL_PHP_Bitwise_Text_Names {
    meta:
        description = "Detects PHP names computed by exclusive or, or, and, complement or shift between texts, arrays or numbers, with the outcome called or used as a superglobal"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.operators.bitwise.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "180b1b80-9181-52a1-9492-3b2bcd6866ca"
    strings:
        $a = /["'][^"'\n\w\s]{2,20}["'] ?\^ ?["'][^"'\n]{2,20}["']/
        $b = /\( ?\$\w{1,8}\[[^\]]{1,6}\] ?[|^&] ?["'][^"'\n]{1,4}["'] ?\) ?\. ?\(/
        $c = /\( ?["'][^"'\n]{1,3}["'] ?[|^&] ?["'][^"'\n]{1,3}["'] ?\) ?\. ?\( ?["'][^"'\n]{1,3}["'] ?[|^&] ?["']/
        $e = /urldecode\s?\(\s?["'](%[0-9a-f]{2}){3,20}["']\s?\)\s?[\^|&]|[\^|&]\s?urldecode\s?\(\s?["'](%[0-9a-f]{2}){3,20}/ nocase
    condition:
        filesize < 8KB
        and ($b or $c or $e or #a > 1)
}

rule WEBSHELL_PHP_Increment_Letters {
    meta:
        description = "Detects PHP that obtains letters by incrementing or by casting arrays, booleans and undefined constants to text, the code without letters and digits"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.operators.increment.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "c826a995-2650-5d83-be89-11793f99ba5e"
    strings:
        $a = /\$\w{1,4} ?= ?\(?(\[ ?\]|array\(\)|!\[\]|!!\[\]) ?\. ?["']/
        $a2 = /\$_+\s?=\s?(@?["']{2}\s?\.\s?(\[\]|array\(\))|\(\s?["']{2}\s?\.\s?\[\]|["']A["']\s?;|@?"\$_"|\[\]\s?;|\+\(!)/ nocase
        $inc = /(\$_+|\$\w{1,4})\s?\+\+\s?;|\+\+\s?(\$_+|\$\w{1,4})\s?;/
        $idx = /\$_+\s?[\[{]\s?(["']!["']\s?==\s?["']|\d|\+?["']{2}|_|\$_)/
    condition:
        filesize < 20KB
        and ((any of ($a, $a2) and #inc > 5) or (#idx > 3 and #inc > 8))
}

rule WEBSHELL_PHP_Exotic_Sink {
    meta:
        description = "Detects PHP sinks that lists forget: pcntl_exec, mail with extra options, expect and ssh2 wrappers, COM and Java objects, imagick and FFI, fed by the request"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/book.com.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "0b3889a0-704a-524e-b233-0f8c91bc9f49"
    strings:
        $a = /new\s{1,3}(COM|java)\s?\(\s?["'](WScript\.Shell|Shell\.Application|ScriptControl|MSScriptControl\.ScriptControl|java\.lang\.Runtime|ADODB\.\w{3,10})["']/ nocase
        $b = /(pcntl_exec|win_shell_execute|win32_create_service|w32api_register_function|dotnet_load|expect_popen|ssh2_exec|event_new|runkit_\w{3,20})\s?\([^;]{0,80}\$(_(GET|POST|REQUEST|COOKIE)|\w{1,12}\s?[,)])/
        $c = /(\bmail\(|\bmail \(|_mail\()[^;]{1,160}, ?["'] ?-[OXC][^;]{0,80}/
        $d = /fopen\s?\(\s?["']expect:\/\/|(ogg|expect|ssh2\.exec|rar):\/\/["']?\s?\.\s?\$_(GET|POST|REQUEST)/
        $e = /(ini_set|ini_alter)\s?\(\s?["'](mailparse|sendmail_path|assert\.callback|unserialize_callback_func|xbithack|auto_prepend_file|user_ini\.\w{4,9})["']\s?,\s?\$?(_(GET|POST|REQUEST)|["'](system|assert|eval|php:|\/tmp|[^"']{1,40}\.php))/
        $f = /assert_options\s?\(\s?ASSERT_CALLBACK\s?,\s?(["'](system|eval|assert|exec|passthru)|\$_)/
        $in = /\$_[GPRC]|php:\/\/input|getallheaders/
    condition:
        filesize < 200KB
        and (($in and any of ($a, $b, $c, $d)) or $e or $f)
}

rule WEBSHELL_PHP_Old_Script_Tags {
    meta:
        description = "Detects PHP behind rare opening tags (script element, percent tags) together with a sink and request data, which many filters do not look at"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.basic-syntax.phptags.php"
        mitre_att = "T1505.003"
        mitre_att = "T1036"
        id = "f41da657-9274-5ffd-856f-7c34605087d4"
    strings:
        $t1 = /<script language ?= ?["']?php["']?\s?>/ nocase
        $t2 = /(<%eval|<%assert|<%system|<%passthru|<%\$_GET|<%\$_POST|<%=eval|<%=assert|<%=system|<%=passthru|<%=\$_GET|<%=\$_POST|<% eval|<% assert|<% system|<% passthru|<% \$_GET|<% \$_POST|<%@eval|<%@assert|<%@system|<%@passthru|<%@\$_GET|<%@\$_POST|<%=@eval|<%=@assert|<%=@system|<%=@passthru|<%=@\$_GET|<%=@\$_POST)[^%]{0,80}(\$_|%>)/
        $in = /\$(_[GPRCFS]|HTTP_)/
        $x = /(eval|assert|system|exec|passthru|array_map|call_user_func|base64_decode|move_uploaded_file|file_put_contents|include|fwrite|preg_replace)\s?\(/
    condition:
        filesize < 100KB
        and $in
        and $x
        and any of ($t*)
}

rule WEBSHELL_PHP_Payload_Behind_Blanks {
    meta:
        description = "Detects PHP code pushed out of sight by hundreds of blanks or line ends, or put behind the end of a page, with a sink or decoder in it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1564/"
        mitre_att = "T1505.003"
        mitre_att = "T1564"
        id = "efa50977-8507-51bc-8423-9e4a259ac4f3"
    strings:
        $x = /(  |\t\t)[ \t]{78}(  eval\(|  @eval\(|  assert\(|  include|  if\(isset\(\$_|  if \(isset\(\$_|  \$GLOBALS|  \$\{"|  preg_replace|  error_reporting\(0|\t\teval\(|\t\t@eval\(|\t\t\$GLOBALS)/
        $c = /<\/html>\s{0,20}<\?php[^?]{0,40}(eval|base64_decode|assert|system|\$_(GET|POST|REQUEST|COOKIE))/ nocase
    condition:
        filesize < 1MB
        and ($x or $c)
}

rule WEBSHELL_PHP_Hash_Gate {
    meta:
        description = "Detects PHP that runs request data only if the digest of a request field, header or address equals a constant"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1205/"
        mitre_att = "T1505.003"
        id = "1069ade0-6a07-5b09-af21-4f5e410f1060"
    strings:
        $g = /(md5\(@?\$_|sha1\(@?\$_|crc32\(@?\$_|md5\(md5\(@?\$_|md5\(trim\(@?\$_|hash\(["']\w{3,6}["'], ?@?\$_)(GET|POST|REQUEST|COOKIE|SERVER)\s?[\[{][^\]}]{1,30}[\]}] ?\){1,3} ?[!=]={1,2} ?["'][0-9a-f]{6,64}["']/ nocase
        $x = /(eval\(|assert\(|system\(|exec\(|passthru\(|create_function\(|move_uploaded_file\(|file_put_contents\(|include\(|call_user_func\()|\$\w{1,20}\((\$|stripslashes)|\]\(\$/
        $in = /\$_(GET|POST|REQUEST|COOKIE|FILES)\s?[\[{]/
        $fp1 = /->query|mysqli?_query/
    condition:
        filesize < 300KB
        and all of ($g, $x, $in)
        and not $fp1
}
