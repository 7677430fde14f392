// suppress: P003, P016 -- one shape is several expressions, but only its rarest is
// searched everywhere, and the benchmark counts what that costs

// Request data that reach a sink by a detour: through a function of the file,
// through a callback, or through a name that is not written out.

rule WEBSHELL_PHP_Sink_In_Own_Function {
    meta:
        description = "Detects a short PHP file that wraps a code or command sink into a function of its own and calls that function with request data"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/functions.user-defined.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "5773c31e-ea19-58d4-aea7-303612c1ed36"
    strings:
        $f = /\)\s{0,8}\{[^}]{0,80}\b(eval\(|eval \(|assert\(|assert \(|system\(|system \(|exec\(|exec \(|passthru\(|passthru \(|popen\(|popen \(|create_function\(|create_function \() ?@?\$/ nocase
        $c = /([^$>:\w]\w|::\w)\w{0,40}\s?\(\s?@?(["'][^"'\n]{1,40}["']\s?,\s?)?(trim|urldecode|base64_decode|stripslashes|str_rot13|strrev)?\s?\(?\s?@?\$_(GET|POST|REQUEST|COOKIE)\s?[\[{]|[(,] ?\$_(GET|POST|REQUEST|COOKIE) ?[),]/
        $fp1 = "namespace "
        $arrow = /=> ?@?(eval\(|assert\(|system\(|exec\(|passthru\()@?\$/ nocase
    condition:
        filesize < 3KB
        and any of ($f, $arrow)
        and $c
        and not $fp1
}

rule WEBSHELL_PHP_Method_Sink {
    meta:
        description = "Detects a short PHP class whose method, destructor or magic method runs a property or argument as code, together with request data"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.oop5.magic.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "e36d346f-7967-596d-940f-5776c739180f"
    strings:
        $m = /(eval\(|eval \(|assert\(|assert \(|system\(|system \(|passthru\(|passthru \(|create_function\(|create_function \(|exec\(|exec \(|popen\(|popen \()[^)\n]{0,30}\$\w{2,5}->\w{1,30}\s?[),.]/ nocase
        $v = /\$this->\w{1,20}\s?\(\s?\$this->\w{1,20}|\(\$this->\w{1,20}\)\s?\(/
        $class = /class \w{1,40}\s{0,8}\{/ nocase
        $in = /\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)\s?[\[{]/
        $magic = /(__destruct|__wakeup|__tostring|__invoke|__callstatic|__call) ?\(/ nocase
        $fp1 = "namespace "
        $vf = /\$\w{1,12} ?\(@?\$_(GET|POST|REQUEST|COOKIE)[\[{]/
    condition:
        filesize < 4KB
        and $class
        and $in
        and ($m or ($magic and any of ($v, $vf)))
        and not $fp1
}

rule WEBSHELL_PHP_Callback_Over_Request_Array {
    meta:
        description = "Detects PHP array and iteration functions whose array is request data and whose callback is a variable, an assembled name or request data"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.types.callable.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "84d1a7a6-4868-50f3-9f4e-763273c8decf"
    strings:
        $a = /\b(array_walk|array_walk_recursive|array_filter|usort|uasort|uksort|array_reduce)\s?\(\s?(array\s?\(\s?)?@?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)[^;]{0,60},\s?(\$\w{1,40}|\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)|["']\w{1,10}["']\s?\.)/ nocase
        $b = /\barray_map\s?\(\s?(\$\w{1,40}|["']\w{1,10}["']\s?\.[^,;]{1,80}|\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)[^,;]{1,20}|substr_replace\([^;]{1,40}\)|strrev\([^;]{1,20}\))\s?,\s?(array\s?\(|\[)?\s?@?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)/ nocase
        $c = /\b(array_udiff|array_uintersect|array_diff_ukey|array_intersect_ukey|array_diff_uassoc|array_intersect_uassoc|array_udiff_assoc|array_uintersect_assoc)\s?\(\s?(array\s?\(|\[)\s?@?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)[^;]{1,120},\s?(\$\w{1,40}|["']\w{1,12}["'])\s?\)/ nocase
        $arr = /= ?(array\(\$_|array\(@\$_|array\( \$_|\[\$_|\[@\$_|\[ \$_|array \(\$_)(GET|POST|REQUEST|COOKIE)\s?[\[{]/
        $d = /\b(array_udiff|array_uintersect|array_diff_ukey|array_intersect_ukey|array_diff_uassoc|array_intersect_uassoc|array_udiff_assoc|array_walk|array_filter|usort|uasort|uksort)\s?\(\s?\$\w{1,30}\s?,(\s?\$\w{1,30}\s?,)?\s?\$\w{1,30}\s?[,)]/
        $e = /(array_map\(substr_replace\(|array_map\(strrev\(|array_map\(str_rot13\(|array_map\(str_replace\(|array_map\(base64_decode\(|array_map\(hex2bin\(|array_map\(implode\(|array_map\(urldecode\(|user_func\(substr_replace\(|user_func\(strrev\(|user_func\(str_rot13\(|user_func\(str_replace\(|user_func\(base64_decode\(|user_func\(hex2bin\(|user_func\(implode\(|user_func\(urldecode\(|array_filter\(substr_replace\(|array_filter\(strrev\(|array_filter\(str_rot13\(|array_filter\(str_replace\(|array_filter\(base64_decode\(|array_filter\(hex2bin\(|array_filter\(implode\(|array_filter\(urldecode\(|usort\(substr_replace\(|usort\(strrev\(|usort\(str_rot13\(|usort\(str_replace\(|usort\(base64_decode\(|usort\(hex2bin\(|usort\(implode\(|usort\(urldecode\()["'$]/
        $spread = /(sort|_map|_walk|_filter|user_func|_function|_array)\(\.\.\.@?\$_(GET|POST|REQUEST|COOKIE)/
    condition:
        filesize < 100KB
        and (any of ($a, $b, $c, $e, $spread) or ($arr and $d and filesize < 2KB))
}

rule WEBSHELL_PHP_File_Name_As_Function {
    meta:
        description = "Detects PHP that cuts the name of a function or a key out of its own file name and calls it, so that the code holds no sink"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.constants.magic.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "3e7bfb82-0462-51a0-9c99-0b13cc01c2f2"
    strings:
        $a = /\$(\w{1,30}|\{["']\w{1,30}["']\})\s?=\s?(substr|basename|strrev)\s?\(\s?(basename\s?\(\s?)?__FILE__/ nocase
        $call = /[\s;@{}(]\$\w{1,30}\s?\(\s?@?\$(\w{1,30}|_(GET|POST|REQUEST|COOKIE)[\[{][^\]]{1,30}[\]}])\s?[,)]/
        $b = /\) \^ \$|["'] ?\^ ?\$\w|pack\s?\(\s?["']H\*/
        $in = /\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)\s?[\[{]/
    condition:
        filesize < 4KB
        and $a
        and $in
        and any of ($call, $b)
}

rule WEBSHELL_PHP_Call_Of_Expression {
    meta:
        description = "Detects a PHP expression that computes a function name from text functions or concatenation and calls it at once with request data"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/functions.variable-functions.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "8cab8a48-2610-5bb7-aff3-28e24899449b"
    strings:
        $a = /\((substr|strrev|str_rot13|base64_decode|implode|join|chr|hex2bin|pack|str_replace|ucfirst|strtolower) ?\([^;]{1,120}(\)\(\$_GET|\)\( \$_GET|\) \(\$_GET|\)\(\$_POST|\)\( \$_POST|\) \(\$_POST|\)\(\$_REQUEST|\)\( \$_REQUEST|\) \(\$_REQUEST|\)\(\$_COOKIE|\)\( \$_COOKIE|\) \(\$_COOKIE|\)\(@\$_|\)\)\(\$\w{1,20}\))/ nocase
        $b = /\( ?["']\w{1,12}["'] ?(\. ?["']\w{1,12}["'] ?){1,12}\) ?\(@?\$\w/
        $c = /\( ?\$\w{1,12} ?(\. ?\$\w{1,12} ?){1,12}(\)\(\$_GET|\)\(@\$_GET|\) \(\$_GET|\)\(\$_POST|\)\(@\$_POST|\) \(\$_POST|\)\(\$_REQUEST|\)\(@\$_REQUEST|\) \(\$_REQUEST|\)\(\$_COOKIE|\)\(@\$_COOKIE|\) \(\$_COOKIE)/
        $d = /(["']system["']\(|["']system["']\)\(|["']system["'] \(|["']exec["']\(|["']exec["']\)\(|["']exec["'] \(|["']assert["']\(|["']assert["']\)\(|["']assert["'] \(|["']passthru["']\(|["']passthru["']\)\(|["']passthru["'] \(|["']shell_exec["']\(|["']shell_exec["']\)\(|["']shell_exec["'] \(|["']eval["']\(|["']eval["']\)\(|["']eval["'] \(|["']popen["']\(|["']popen["']\)\(|["']popen["'] \()@?(\$_(GET|POST|REQUEST|COOKIE)|\$\w{1,20}\[)/ nocase
        $e = /\w\([^();]{0,40}(\)\(\$_GET|\)\(@\$_GET|\)\( \$_GET|\) \(\$_GET|\)\(\$_POST|\)\(@\$_POST|\)\( \$_POST|\) \(\$_POST|\)\(\$_REQUEST|\)\(@\$_REQUEST|\)\( \$_REQUEST|\) \(\$_REQUEST|\)\(\$_COOKIE|\)\(@\$_COOKIE|\)\( \$_COOKIE|\) \(\$_COOKIE)[\[{]/
    condition:
        filesize < 100KB
        and any of them
}

rule WEBSHELL_PHP_Superglobal_Concealed {
    meta:
        description = "Detects request data reached by a spelled-out name (GLOBALS entry, variable variable, pieces) inside a sink or a variable call of PHP"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.variables.variable.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "0d7a483d-30e3-5de6-9f0c-90520b0c0fe3"
    strings:
        $a = /\b(eval|assert|system|exec|passthru|shell_exec|popen|include|require)(_once)?[\s(@]{1,6}(\$GLOBALS\["_|\$GLOBALS\['_|\$GLOBALS\{"_|\$GLOBALS\{'_)(GET|POST|REQUEST|COOKIE|SERVER)["']/ nocase
        $b = /\$\w{1,20} ?(\(\$\{["']_|\(@\$\{["']_|\(\$GLOBALS\[["']_|\(@\$GLOBALS\[["']_)(GET|POST|REQUEST|COOKIE)["']/
        $c = /\$\{\s?["']_["']\s?\.\s?["'](G|P|R|C)/
        $d = /\$\{\s?["']_(P|PO|POS|G|GE|R|RE|REQ|C|CO|COOK)["']\s?\./
        $e = /["']_["']\s?\.\s?["'](P|PO|POS|POST|G|GE|GET|R|RE|REQ|REQUEST|COOKIE)["']\s?[.;)]/
        $f = /\$\{\s?\$\w{1,12}\s?(\.\s?\$\w{1,12}\s?){1,8}\}\s?[\[{]\s?["'\w]{1,20}\s?[\]}]/
        $call = /\$(\w{1,20}|\{[^}]{1,20}\})\s?\(\s?@?\$/
        $g = /(eval\(|eval \(|assert\(|assert \() ?@?\$(\$|\{\$)\w/
    condition:
        filesize < 200KB
        and (any of ($a, $b, $c, $d, $g) or ($call and any of ($e, $f)))
}

rule WEBSHELL_PHP_Environment_Sink {
    meta:
        description = "Detects sinks of PHP that take code or commands from request headers through getenv, apache_getenv, or misspelled superglobals seen in broken shells"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.getenv.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "7d936e4d-bfdd-5584-898a-e158c025eea6"
    strings:
        $a = /\b(eval|assert|system|exec|passthru|shell_exec|popen|create_function|include)[\s(@]{1,6}(base64_decode ?\( ?)?(apache_)?getenv ?\( ?["']HTTP_/ nocase
        $b = /\b(eval\(|eval \(|assert\(|assert \(|eval_r\(|eval_r \() ?@?\$_(FILE|HEADER|ARGS|POST|GET|REQUEST|COOKIE|ENV)\s?[\[{]/ nocase
        $c = /(eval\(|eval \(|assert\(|assert \(|system\(|system \(|exec\(|exec \(|passthru\(|passthru \(|popen\(|popen \()@?(base64_decode ?\( ?)?(end|key|current|reset|array_pop|implode|next) ?\(@?(getallheaders|apache_request_headers|\$_(GET|POST|REQUEST|COOKIE|SERVER))/ nocase
    condition:
        filesize < 300KB
        and any of them
}

rule WEBSHELL_PHP_Database_Function_Callback {
    meta:
        description = "Detects PHP that registers a function named by the request, or a sink, with SQLite, PDO, XSLT or FFI, so that the database or processor calls it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/sqlite3.createfunction.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "0ef596c1-d237-568f-b4ba-d828858f24a0"
    strings:
        $a = /(->createFunction|->sqliteCreateFunction|sqlite_create_function)\s?\([^;]{1,60},\s?(["'](system|exec|assert|passthru|shell_exec|eval)["']|\$_(GET|POST|REQUEST))/ nocase
        $b1 = /(->createFunction|->sqliteCreateFunction|sqlite_create_function)\s?\([^;]{1,60},\s?\$\w{1,20}\s?\)/ nocase
        $in = /\$\w{1,20}\s?=\s?@?\$_(GET|POST|REQUEST|COOKIE)\s?\[/
        $c = /FFI::cdef\s?\(\s?["'][^"']{0,40}\b(system|popen|execve|execl)\s?\(/
        $d = /php:function\s?\(\s?["'](system|assert|passthru|exec|shell_exec)["']/
    condition:
        filesize < 20KB
        and (any of ($a, $c, $d) or ($b1 and $in and filesize < 3KB))
}

rule WEBSHELL_PHP_Doc_Comment_Code {
    meta:
        description = "Detects PHP that reads code or function names out of its own comments by reflection, or by reading its own file, and runs them"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/reflectionclass.getdoccomment.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "5178c97f-9e24-51dd-bac0-358b432165a1"
    strings:
        $a = "getDocComment"
        $self = /(file_get_contents|fopen|file|highlight_file|php_strip_whitespace)\s?\(\s?(__FILE__|\$_SERVER\s?\[\s?["']SCRIPT_FILENAME)/
        $cut = /(substr|explode|strrchr|strstr|preg_match|str_replace)\s?\(/
        $run = /\b(eval|assert|create_function)[\s(@]{1,6}["'?>.\s]{0,6}\$/
        $run2 = /\$\w{1,20}\s?\(\s?(\$_(GET|POST|REQUEST)|["']["']\s?,\s?\$)/
        $fp1 = "namespace "
        $fp2 = "@package"
        $run3 = /(eval\(|eval \()[^;]{0,60}__FILE__/
    condition:
        filesize < 100KB
        and (($a and $cut) or $self)
        and any of ($run*)
        and ($a or filesize < 20KB)
        and none of ($fp*)
}

rule WEBSHELL_PHP_Preg_Filter_Request {
    meta:
        description = "Detects regular expression functions of PHP whose pattern or replacement comes from the request, or whose pattern carries the e modifier in an unusual form"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/reference.pcre.pattern.modifiers.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "b44e6a36-9c92-5fb2-8c7a-2221baeba072"
    strings:
        $a = /\b(preg_filter|preg_replace|mb_ereg_replace|mb_eregi_replace|preg_replace_callback)\s?\(\s?@?(\$\w{1,20}|\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)[^,;]{0,30}|["'][^"'\n]{1,20}["'])\s?,\s?@?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)[^,;]{1,30},\s?["'][^"'\n]{0,20}["']\s?[,)]/ nocase
        $d = /=>\s?["']\|\.\*\|e["']/
    condition:
        filesize < 300KB
        and any of them
}

rule WEBSHELL_PHP_Session_Carried_Code {
    meta:
        description = "Detects PHP that stores request data in the session and later runs the session value as code, which splits source and sink over two requests"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/reserved.variables.session.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "23d32e67-c372-51ca-9616-675a46640f7c"
    strings:
        $set = /\$_SESSION\s?\[[^\]]{1,40}\]\s?=\s?@?(trim|stripslashes|base64_decode|urldecode)?\s?\(?\s?@?\$_(GET|POST|REQUEST|COOKIE)/
        $run = /\b(eval|assert|create_function|system|exec|passthru|shell_exec|preg_replace)\s?\([^;]{0,20}\$_SESSION\s?\[/ nocase
        $run2 = /\$_SESSION\s?\[[^\]]{1,30}\]\s?\(\s?\$_(SESSION|GET|POST|REQUEST|COOKIE)/
    condition:
        filesize < 50KB
        and ($run2 or ($set and $run))
}

rule WEBSHELL_PHP_Function_Handling_Callback {
    meta:
        description = "Detects call_user_func, forward_static_call, func_overload style helpers, shutdown and tick functions that receive a sink or request data in PHP"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/ref.funchand.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "1dcef009-05c5-5abf-9a15-bb50d6370609"
    strings:
        $b = /\b(call_user_func|call_user_func_array|forward_static_call|register_shutdown_function|register_tick_function|set_error_handler|spl_autoload_register|header_register_callback)\s?\(\s?@?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)/ nocase
        $c = /new\s{1,3}(ReflectionFunction|ReflectionMethod|ReflectionClass)\s?\(\s?(["'](assert|system|exec|passthru|shell_exec)["']|@?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS)|\$\w{1,20}\s?\)\s?;[^;]{0,60}->invoke(Args)?\s?\(\s?(array\s?\()?\s?@?\$_)/ nocase
        $e = /(Closure::fromCallable|->fromCallable)\s?\(\s?(["'](assert|system|exec|passthru|shell_exec)["']|@?\$(_(GET|POST|REQUEST|COOKIE)|HTTP_(GET|POST|COOKIE)_VARS))/ nocase
        $f = /unserialize\s?\(\s?(base64_decode\s?\(\s?|urldecode\s?\(\s?|stripslashes\s?\(\s?)?@?\$_(GET|POST|REQUEST)/
        $g = /function\s{1,4}__(destruct|wakeup|toString)\s?\(\s?\)\s{0,8}\{[^}]{0,120}\b(eval|assert|system|exec|passthru|shell_exec|file_put_contents|create_function)\s?\(/ nocase
    condition:
        filesize < 200KB
        and (any of ($b, $c, $e) or ($f and $g and filesize < 10KB))
}

rule WEBSHELL_PHP_Cookie_Array_Called {
    meta:
        description = "Detects short PHP that copies all cookies or fields into a variable and calls an entry of a table by its number, so that all names come from outside"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/reserved.variables.cookies.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "c33cee5f-68f2-582c-9cb0-4229965d9a4a"
    strings:
        $all = /= ?@?\$_(COOKIE|POST|REQUEST|GET) ?;/
        $call = /\$\w{1,12}\[\d{1,3}\] ?\( ?[$)"']/
        $run = /(eval|assert|include|require|create_function)[ (@]{1,3}\$/
        $cb = /(array_map\(|call_user_func\(|usort\(|uasort\(|array_filter\(|array_walk\()\$\w{1,12}\[["']?\w{1,12}["']?\] ?, ?(\[|array\()?\$\w{1,12}\[/
    condition:
        filesize < 6KB
        and $all
        and (($call and $run) or $cb)
}
