// suppress: P003, P016 -- one shape is several expressions, but only its rarest is
// searched everywhere, and the benchmark counts what that costs

// PHP code and commands taken straight from the request: a sink, a source,
// and nothing between them but wrappers.

rule WEBSHELL_PHP_Eval_Request {
    meta:
        description = "Detects PHP code evaluation of request data, as in one-line shells of the China Chopper kind, with or without a decoder between sink and source"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.eval.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "c654c731-d174-56a3-8fb9-93624ad4d609"
    strings:
        $eval = /\b(eval\(|eval \(|eval\/\*[^*]{0,60}\*\/ ?\()[^;{}<]{0,80}(\$\{?["']?(_(GET|POST|REQUEST|COOKIE|FILES|SERVER)|HTTP_(POST|GET|COOKIE)_VARS|HTTP_RAW_POST_DATA)|getallheaders ?\(|apache_request_headers ?\(|filter_input ?\(|["']php:\/\/input)/ nocase
        $assert = /\bassert ?\(([\s@"']{0,4}|["'][^"'\n]{1,60}["'] ?\. ?)((stripslashes|trim|base64_decode|gzinflate|gzuncompress|str_rot13|strrev|hex2bin|pack|rawurldecode|urldecode) ?\([\s@]{0,3}){0,4}\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b["']?\}?\s?(\[[^\]]{0,40}\]|\{[^}\n]{0,40}\})["'\s)]{0,8}[;?,.]/ nocase
        $framework = /(eval\(|eval \()[\s@]{0,2}(\$request->|request\(["']|Input::get\()/
    condition:
        filesize < 2MB
        and any of them
}

rule WEBSHELL_PHP_Command_Request {
    meta:
        description = "Detects PHP system command execution fed directly from request data"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/ref.exec.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "d06b876b-696f-59c3-a60a-9f034b74ef0b"
    strings:
        $a = /[\s;@=({}!,.&|?"'`](system\(|system \(|exec\(|exec \(|passthru\(|passthru \(|popen\(|popen \(|proc_open\(|proc_open \(|shell_exec\(|shell_exec \(|pcntl_exec\(|pcntl_exec \()[\s@]{0,4}((stripslashes|trim|urldecode|rawurldecode|base64_decode|str_rot13|hex2bin|implode) ?\([\s@]{0,4}){0,3}["']?\{?(\$\{?["']?(_(GET|POST|REQUEST|COOKIE|FILES|SERVER)|HTTP_(POST|GET|COOKIE)_VARS|HTTP_RAW_POST_DATA)|getallheaders ?\(|apache_request_headers ?\(|filter_input ?\(|["']php:\/\/input)/ nocase
        $b = /[\s;@=({}!,.&|?](system\(|system \(|exec\(|exec \(|passthru\(|passthru \(|popen\(|popen \(|proc_open\(|proc_open \(|shell_exec\(|shell_exec \(|pcntl_exec\(|pcntl_exec \() ?("[^"$\n]{0,40}"|'[^'\n]{0,40}') ?\. ?(\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b|\$_SERVER ?\[ ?["']HTTP_)/ nocase
        $tick = /[=(@<\s](`\$_|`\{\$_|`\$\{_)(GET|POST|REQUEST|COOKIE|SERVER\[["']?HTTP_)[^`\n]{0,60}`\s{0,3}[;)?]/ nocase
    condition:
        filesize < 2MB
        and any of ($a, $b, $tick)
}

rule WEBSHELL_PHP_Superglobal_As_Function {
    meta:
        description = "Detects a PHP superglobal entry called as a function, so that the request names the function to run"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/functions.variable-functions.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "d5aba4cf-4154-54d3-82a3-9a29db3ae0f5"
    strings:
        $a = /\$(_(GET|POST|REQUEST|COOKIE|SERVER\[["']HTTP)|\{["']_(GET|POST|REQUEST|COOKIE|SERVER)["']\})\s?([\[_][^\]\n;]{1,40}\]|\{[^}\n;]{1,40}\})(\s?\(\s?[@$"'\\)]|\) ?\([@$])/ nocase
        $c = /\$\{ ?["'](_(GET|POST|REQUEST|COOKIE)|\\x5f)[^}\n]{0,30}\}\s?[\[{][^\]}\n;]{1,40}[\]}]\s?\(/ nocase
    condition:
        filesize < 2MB
        and any of them
}

rule WEBSHELL_PHP_Callback_Request {
    meta:
        description = "Detects PHP callback functions (array_map, usort, call_user_func, register_shutdown_function and others) whose callback is a code sink by name or comes from the request"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.types.callable.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "ef4337c1-8573-5099-8bef-e1958db7fc78"
    strings:
        $cb1 = /\b(array_map|call_user_func(_array)?|register_\w{4,8}_function|forward_static_call(_array)?|ob_start|set_error_handler|set_exception_handler|spl_autoload_register|ReflectionFunction|header_register_callback) ?\( ?["']\\?(assert|eval|system|exec|passthru|shell_exec|popen|create_function)["']/ nocase
        $cb2 = /(array_map\(\$_|array_map\(@\$_|array_map\( \$_|array_map \(\$_|user_func\(\$_|user_func\(@\$_|user_func\( \$_|user_func \(\$_|func_array\(\$_|func_array\(@\$_|func_array\( \$_|func_array \(\$_|_function\(\$_|_function\(@\$_|_function\( \$_|_function \(\$_|static_call\(\$_|static_call\(@\$_|static_call\( \$_|static_call \(\$_|ob_start\(\$_|ob_start\(@\$_|ob_start\( \$_|ob_start \(\$_|nFunction\(\$_|nFunction\(@\$_|nFunction\( \$_|nFunction \(\$_|(array_map|user_func|func_array|_function|static_call|ob_start)\((base64_decode|str_rot13|strrev|hex2bin)\(\$_)(GET|POST|REQUEST|COOKIE)\b ?\[/ nocase
        $cb3 = /\b(array_(filter|walk|map|reduce|udiff|uintersect|diff_u|intersect_u)\w{0,14}|u[ak]?sort|iterator_apply|preg_replace_callback|mb_ereg_replace_callback) ?\([^;\n]{1,100}, ?["']\\?(assert|eval|system|exec|passthru|shell_exec|popen|create_function)["']/ nocase
        $cb4 = /(_filter|_walk|_walk_recursive|_reduce|usort|uasort|uksort|_apply|_udiff|_uintersect|_diff_ukey|_intersect_ukey|_diff_uassoc|_intersect_uassoc)(_u?assoc)? ?\([^;\n]{1,100}, ?((base64_decode|str_rot13|strrev|hex2bin) ?\( ?)?@?\$_(GET|POST|REQUEST|COOKIE)\[/ nocase
        $cb7 = /(register_shutdown_function|array_map|array_udiff\w{0,12}|array_uintersect\w{0,12}|array_diff_u\w{3,6}|array_intersect_u\w{3,6}) ?\([^;\n]{0,80}\$\w{1,20}\[\d{1,3}\] ?\. ?\$\w{1,20}\[\d{1,3}\]/ nocase
        $cb5 = /FILTER_CALLBACK[^;]{0,60}["']options["'] ?=>[^;]{0,20}["'](assert|eval|system|exec|passthru|shell_exec|popen|create_function)["']/ nocase
        $cb6 = /->(createFunction|sqliteCreateFunction|createAggregate) ?\([^;\n]{1,60}, ?["'](assert|eval|system|exec|passthru|shell_exec|popen|create_function)["']/ nocase
        $name = /(["']assert["']|["']eval["']|["']system["']|["']exec["']|["']passthru["']|["']shell_exec["']|["']popen["']|["']create_function["']|["']\\system["']|["']\\exec["']|["']\\assert["']|["']\\passthru["']|["']\\shell_exec["'])/ nocase
        $arg = /, ?@?\$_(GET|POST|REQUEST|COOKIE)\[["']?\w{1,20}["']?\] ?[,)]/
    condition:
        filesize < 1MB
        and (($name and any of ($cb1, $cb3, $cb5, $cb6)) or ($arg and $cb4) or any of ($cb2, $cb7))
}

rule WEBSHELL_PHP_PregReplace_Eval {
    meta:
        description = "Detects preg_replace with the e modifier whose replacement or subject holds request data, a decoder or a code sink"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/reference.pcre.pattern.modifiers.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "3fba353c-d157-5e09-a763-ca25352b3e3e"
    strings:
        $a = /\b(preg_replace|preg_filter) ?\( ?["'](\/[^"'\n]{0,60}\/|#[^"'\n]{0,60}#|~[^"'\n]{0,60}~|\|[^"'\n]{0,60}\||@[^"'\n]{0,60}@|!.{0,40}!)\w{0,6}(e|\\x65|\\145)\w{0,6}["'] ?,[^;]{0,120}((\$\{?["']?(_(GET|POST|REQUEST|COOKIE|FILES|SERVER)|HTTP_(POST|GET|COOKIE)_VARS|HTTP_RAW_POST_DATA)|getallheaders ?\(|apache_request_headers ?\(|filter_input ?\(|["']php:\/\/input)|\beval\b|assert|base64_decode|gzinflate|\\x(65|45)\\x(76|56)|\\x6(5|1)|\\145\\166|chr ?\(|["'](@|e|ev|eva)["'] ?\.)/ nocase
        $b = /(g_replace\(\$_|g_replace\(@\$_|g_replace \(\$_|g_replace\( \$_|g_filter\(\$_|g_filter\(@\$_|g_filter \(\$_|g_filter\( \$_|g_replace\(\$\{["']_)(GET|POST|REQUEST|COOKIE)\b/
        $c = /\bmb_eregi?_replace ?\([^;\n]{1,120}, ?["'][imsx]{0,4}e[imsx]{0,4}["'] ?\)/ nocase
        $e = /\b(preg_replace|preg_filter) ?\( ?["'](\/[^"'\n]{1,60}\/|#[^"'\n]{1,60}#|~[^"'\n]{1,60}~)[imsx]{0,4}(e|\\x65|\\145)[imsx]{0,4}["'] ?, ?(\$\w{1,30}|["']\\?\$?\\\\?[01]["']) ?,/ nocase
        $src = /(\$\{?["']?(_(GET|POST|REQUEST|COOKIE|FILES|SERVER)|HTTP_(POST|GET|COOKIE)_VARS|HTTP_RAW_POST_DATA)|getallheaders[\s@]{0,4}\(|apache_request_headers[\s@]{0,4}\(|filter_input[\s@]{0,4}\(|["']php:\/\/input)/ nocase
        $d = /\b(preg_replace|preg_filter) ?\( ?["'](\\x[0-9a-f]{2}|\\[0-7]{2,3}|[.*\/#]){2,40}(\\x65|\\145|e)["']/ nocase
    condition:
        filesize < 2MB
        and (any of ($a, $b, $c, $d) or ($e and $src and filesize < 20KB))
}

rule WEBSHELL_PHP_CreateFunction {
    meta:
        description = "Detects create_function whose body is request data, decoded text or a variable under a concealed name"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.create-function.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "572ee417-b9ed-50d9-a0e2-22a1f5af0eef"
    strings:
        $a = /\bcreate_function[\s@]{0,4}\([^;]{0,60},[^;]{0,40}((\$\{?["']?(_(GET|POST|REQUEST|COOKIE|FILES|SERVER)|HTTP_(POST|GET|COOKIE)_VARS|HTTP_RAW_POST_DATA)|getallheaders[\s@]{0,4}\(|apache_request_headers[\s@]{0,4}\(|filter_input[\s@]{0,4}\(|["']php:\/\/input)|(base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|strrev|convert_uudecode|hex2bin|pack|rawurldecode|urldecode|openssl_decrypt|mcrypt_decrypt|bzdecompress)[\s@]{0,4}\()/ nocase
        $b = /\bcreate_function[\s@]{0,4}\([^;]{0,40},\s{0,3}["'][^"'\n]{0,20}(eval|assert)[\s@]{0,4}\(/ nocase
        $c = /["']create_function["']\s{0,3}[;),\]]/ nocase
        $s1 = /\b(base64_decode|gzinflate|str_rot13)[\s@]{0,4}\(/ nocase
        $s2 = /(\$\{?["']?(_(GET|POST|REQUEST|COOKIE|FILES|SERVER)|HTTP_(POST|GET|COOKIE)_VARS|HTTP_RAW_POST_DATA)|getallheaders[\s@]{0,4}\(|apache_request_headers[\s@]{0,4}\(|filter_input[\s@]{0,4}\(|["']php:\/\/input)/ nocase
    condition:
        filesize < 1MB
        and ($a or $b or ($c and filesize < 20KB and any of ($s*)))
}

rule WEBSHELL_PHP_Include_Request {
    meta:
        description = "Detects PHP include or require of request data, of the request body or of inline data"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/wrappers.php"
        mitre_att = "T1505.003"
        mitre_att = "T1190"
        id = "689f2b6e-9cce-51f3-8dfb-ab138def1d61"
    strings:
        $a = /(lude[ (]\$_|lude \(\$_|lude\( \$_|uire[ (]\$_|uire \(\$_|uire\( \$_|_once[ (]\$_|_once \(\$_|_once\( \$_|lude[ (]@\$_|lude \(@\$_|lude\( @\$_|uire[ (]@\$_|uire \(@\$_|uire\( @\$_|_once[ (]@\$_|_once \(@\$_|_once\( @\$_|lude[ (]["']\$_|lude \(["']\$_|lude\( ["']\$_|uire[ (]["']\$_|uire \(["']\$_|uire\( ["']\$_|_once[ (]["']\$_|_once \(["']\$_|_once\( ["']\$_|lude[ (]\$\{["']_|lude \(\$\{["']_|lude\( \$\{["']_|uire[ (]\$\{["']_|uire \(\$\{["']_|uire\( \$\{["']_|_once[ (]\$\{["']_|_once \(\$\{["']_|_once\( \$\{["']_)(GET|POST|REQUEST|COOKIE)\b["']?\}?\s?[\[{][^\]}\n]{1,40}[\]}]["')\s]{0,5};/ nocase
        $b = /(lude[ (]["']php:\/\/inp|lude \(["']php:\/\/inp|lude\( ["']php:\/\/inp|uire[ (]["']php:\/\/inp|uire \(["']php:\/\/inp|uire\( ["']php:\/\/inp|_once[ (]["']php:\/\/inp|_once \(["']php:\/\/inp|_once\( ["']php:\/\/inp|lude[ (]["']https?:\/\/|lude \(["']https?:\/\/|lude\( ["']https?:\/\/|uire[ (]["']https?:\/\/|uire \(["']https?:\/\/|uire\( ["']https?:\/\/|_once[ (]["']https?:\/\/|_once \(["']https?:\/\/|_once\( ["']https?:\/\/|lude[ (]["']ftp:\/\/|lude \(["']ftp:\/\/|lude\( ["']ftp:\/\/|uire[ (]["']ftp:\/\/|uire \(["']ftp:\/\/|uire\( ["']ftp:\/\/|_once[ (]["']ftp:\/\/|_once \(["']ftp:\/\/|_once\( ["']ftp:\/\/)/ nocase
        $c = /(lude|uire|_once)[ (@]{1,4}\$_FILES ?\[[^;\n]{1,40}tmp_name/ nocase
    condition:
        filesize < 500KB
        and any of them
}

rule WEBSHELL_PHP_Extract_Then_Call {
    meta:
        description = "Detects a small PHP file that imports request data as variables and calls or evaluates a variable"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.extract.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "9cebae7e-ad61-5867-ba00-a75b14d9ec5c"
    strings:
        $import = /\b(extract|import_request_variables)[\s@]{0,4}\([\s@]{0,4}(\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b|["'][gpc]{1,3}["'])|\bparse_str[\s@]{0,4}\([\s@]{0,4}(["'][^"'\n]{0,20}["'] ?\. ?)?(\$_SERVER|file_get_contents|getenv|\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b)/ nocase
        $each = /(\$_GET as|\$_POST as|\$_REQUEST as|\$_COOKIE as|array\(["']_(GET|POST|COOKIE|REQUEST)["'])[^;]{0,60}\$\$\w{1,20} ?=/ nocase
        $call = /[;{}\s@=(]\$\{?\w{1,20}\}? ?(\[\w{1,10}\])?\(@?(\$\w{1,20}|["']{2})\s?[,)]/
        $eval = /\b(eval|assert|system|shell_exec|passthru)[\s@]{0,4}\([\s@]{0,4}["']?\$\w/ nocase
    condition:
        filesize < 4KB
        and any of ($import, $each)
        and any of ($call, $eval)
}

rule SUSP_PHP_Variable_Function_Request {
    meta:
        description = "Detects a small PHP file in which a variable that holds a function name is called with request data"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/functions.variable-functions.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "eeff2a68-f809-50af-a0ff-a9687acac356"
    strings:
        $a = /[;{}\s@=(.,!&|]\$(\w{1,40}|[\x80-\xff_]{1,40}|\{[^}\n]{1,40}\})\s?([\[{][^\]}\n]{1,30}[\]}]\s?){0,2}\(\s?@?((base64_decode|str_rot13|hex2bin|stripslashes|trim|strrev|\$\w{1,30})\s?\(\s?){0,3}["']?\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $b = /[;{}\s@=(.,!&|]\$(\w{1,40}|\{[^}\n]{1,40}\})\s?\(\s?["'][^"'\n]{0,30}["']\s?,\s?\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $call = /[;{}\s@=(.!]\$\w{1,40}\s?(\[[^\]\n]{1,30}\]\s?){0,2}\(\s?["']?\$\w{1,40}/
        $assign = /\$\w{1,40}\s?=\s?@?((base64_decode|str_rot13|hex2bin|stripslashes|trim|strrev)\s?\(\s?)?\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b\s?[\[{]/
        $fp1 = "$this->"
    condition:
        filesize < 3KB
        and (any of ($a, $b) or (filesize < 600 and $call and $assign))
        and not $fp1
}

rule SUSP_PHP_Request_Variable_To_Sink {
    meta:
        description = "Detects request data stored in a PHP variable in a file that evaluates or runs a variable, without a framework around"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.eval.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "15c6a8c0-7935-5015-b18a-0aa8d88e2c37"
    strings:
        $assign = /\$\w{1,40}(->\w{1,20})?\s?=\s?@?\(?((stripslashes|trim|urldecode|rawurldecode|base64_decode|str_rot13|hex2bin|get_magic_quotes_gpc\(\)\s?\?\s?stripslashes|isset)\s?\(\s?){0,3}(\$\{?["']?(_(GET|POST|REQUEST|COOKIE|FILES|SERVER\[["'](HTTP_|QUERY_S|REQUEST_URI|PATH_INFO|PHP_AUTH))|HTTP_(POST|GET|COOKIE)_VARS|HTTP_RAW_POST_DATA)|getallheaders[\s@]{0,4}\(|apache_request_headers[\s@]{0,4}\(|filter_input[\s@]{0,4}\(|["']php:\/\/input)/ nocase
        $body = /(file_get_contents|fopen)\s?\(\s?["']php:\/\/input/ nocase
        $eval = /[\s;@{}(=?.](eval\(|eval \()[\s@]{0,4}["']?(\?>["'] ?\. ?)?["']?((stripslashes|trim|urldecode|gzinflate|base64_decode|gzuncompress) ?\( ?){0,3}\$\w/ nocase
        $cmd = /[\s;@{}(=?.!](system\(|exec\(|passthru\(|popen\(|proc_open\(|shell_exec\(|pcntl_exec\() ?((base64_decode|urldecode|stripslashes|trim|str_rot13|hex2bin)\( ?)?["']?\$\w{1,40}[\s"'.),]/ nocase
        $tick = /(echo|print|=|return)\s{0,3}\(?`\$\w{1,40}`/ nocase
        $fp1 = "namespace "
        $fp2 = "escapeshell"
        $fp3 = "@package"
    condition:
        filesize < 60KB
        and any of ($assign, $body)
        and any of ($eval, $cmd, $tick)
        and none of ($fp*)
}

rule SUSP_PHP_Callback_Variable_Small {
    meta:
        description = "Detects a tiny PHP file in which request data reaches a function that calls back, with the callback in a variable"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.types.callable.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "71157987-f2e8-503c-beb6-ba67690b7940"
    strings:
        $set = /\$\w{1,30}\s?=\s?@?((base64_decode|str_rot13|trim)\s?\(\s?)?\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $cb1 = /\b(register_shutdown_function|register_tick_function|call_user_func|call_user_func_array|forward_static_call|array_map|ob_start)[\s@]{0,4}\([\s@]{0,4}((base64_decode|str_rot13|strrev)\s?\(\s?)?\$\w{1,30}\s?[,)]/ nocase
        $cb2 = /\b(array_filter|array_walk|array_walk_recursive|array_reduce|usort|uasort|uksort|iterator_apply|array_(udiff|uintersect|diff_ukey|intersect_ukey|diff_uassoc|intersect_uassoc)(_u?assoc)?)[\s@]{0,4}\([^;\n]{1,60},\s?(\$\w{1,30}|base64_decode\s?\(\s?\$\w{1,30}\s?\))\s?\)/ nocase
        $inc = /[\s;{(@](include|require)(_once)?\s{0,3}\(?\s{0,3}\$\w{1,30}\s{0,3}\)?\s{0,3};/ nocase
        $ev = /\beval\s?\(\s?"[^"\n]{0,40}\$\w{1,30}/ nocase
        $fp1 = /\b(function|class|namespace) / nocase
    condition:
        filesize < 700
        and $set
        and any of ($cb*, $inc, $ev)
        and not $fp1
}
