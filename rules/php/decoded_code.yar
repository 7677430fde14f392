// suppress: P003, P016 -- one shape is several expressions, but only its rarest is
// searched everywhere, and the benchmark counts what that costs

// PHP code that is unpacked and run: decoders in front of a sink, and names
// of sinks hidden from a plain text search.

rule WEBSHELL_PHP_Eval_Decoded {
    meta:
        description = "Detects evaluation of the output of a decoder (base64, gzinflate, str_rot13, hex2bin, openssl_decrypt and others), the usual wrapping of PHP shells"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.gzinflate.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        mitre_att = "T1140"
        id = "a2991974-a22a-5abf-88e3-699af9cada4c"
    strings:
        $a = /(eval\(|eval \(|assert\(|assert \()[\s@"'?>.(]{0,16}((stripslashes|trim|strrev|htmlspecialchars_decode|str_replace|implode) ?\([\s@"']{0,4}){0,2}(base64_decode|gzinflate|gzuncompress|gzdecode|str_rot13|strrev|convert_uudecode|hex2bin|pack|rawurldecode|urldecode|openssl_decrypt|mcrypt_decrypt|bzdecompress) ?\(/ nocase
        $b = /\beval ?\([\s@"'?>.]{0,12}\$\w{1,40} ?\( ?(\$\w{1,40} ?\(|["'][A-Za-z0-9+\/=]{40})/ nocase
        $c = /(gzinflate|gzuncompress|gzdecode|str_rot13) ?\( ?@?(str_rot13|base64_decode|strrev|gzinflate) ?\( ?((str_rot13|base64_decode|strrev) ?\( ?)?["'][^"'\s]{60}/ nocase
        $d = /\beval ?\( ?@?\w{1,40} ?\( ?["'](\w[^"'\n\/ .]{32}|[^"'\n]{60})/ nocase
        $e = /\beval ?\( ?@?\w{1,12}\d\w{2,20} ?\( ?\$\w{1,12}\d\w{0,20} ?[,)]/ nocase
        $eval = /(eval\(|eval \(|assert\(|assert \(|create_function\(|create_function \(|preg_replace\(|preg_replace \(|include\(|include \()/ nocase
        $f = /(eval\(|eval \()["'][^"'\n]{0,80}(system\(|passthru\(|shell_exec\()/ nocase
        $own = /(eval\(|eval \()["'?>.\s@]{0,8}\w{1,30} ?\( ?(base64_decode|gzinflate|hex2bin|str_rot13) ?\( ?["']/ nocase
    condition:
        filesize < 5MB
        and (any of ($a, $b, $d, $e, $f, $own) or ($c and $eval))
}

rule WEBSHELL_PHP_Eval_Remote {
    meta:
        description = "Detects PHP code that fetches text from another server and evaluates or includes it"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.file-get-contents.php"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "ab4b6647-6d41-50a6-ad4e-54cebbd1e791"
    strings:
        $a = /(eval\(|eval \()["'?>.\s@]{0,12}(file_get_contents|curl_exec|fread|stream_get_contents|implode|fgets|join) ?\( ?["'$\w(, ]{0,12}(https?:|file ?\(|base64_decode|str_rot13|hex2bin|fopen|ftp:)/ nocase
        $b = /= ?@?(file_get_contents|curl_exec|\$\w{1,30}|get_contents|geturlsinfo|http_get|curl\w{0,20}) ?\([^;\n]{0,160}\) ?;[^;]{0,80}(eval\(|eval \()["'?>.\s]{1,12}\$\w/ nocase
        $c = /\b(eval\(|eval \()["'?>.\s@]{0,12}(file_get_contents|curl_exec|stream_get_contents)? ?\(?\$\w{1,30}\)?[)"'\s]{1,4};/ nocase
        $f = /(https?:\/\/(raw\.githubusercontent|pastebin|gist\.github|hastebin|paste)|["']https?["']\s?\.|\\x68\\x74\\x74\\x70|aHR0c)/ nocase
        $h = /(file_get_contents|curl_exec|fsockopen|stream_get_contents)\s?\(/ nocase
        $d = /file_put_contents\s?\([^;\n]{1,60},\s?@?(file_get_contents|curl_exec)\s?\(\s?["']https?:[^;\n]{1,120};\s{0,6}@?(include|require|eval)/ nocase
        $own = /(eval\(|eval \()["'?>.\s@]{0,12}\w{1,30} ?\( ?["'](https?|ftp):\/\// nocase
        $file = /(eval\(|eval \()["'?>.\s@]{0,8}((gzinflate|base64_decode|gzuncompress|str_rot13|strrev)\( ?){0,3}@?file_get_contents ?\( ?["'][\w.-]{1,60}["'] ?\)/ nocase
    condition:
        filesize < 200KB
        and (any of ($a, $b, $d, $own, $file) or ($c and $f and $h))
}

rule WEBSHELL_PHP_Hidden_Function_Name {
    meta:
        description = "Detects names of PHP code sinks and decoders written backwards, in rot13, in base64 or by escapes, which only serves to hide them"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.strrev.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "9975168d-54bd-5053-a386-2493afb2c8a8"
    strings:
        $rev = /["'][^"'\n]{0,20}(edoced_46esa[b]|etalfni[z]g|sserpmocnu[z]g|31tor_rts|noitcnuf_etaerc|ecalper_gerp|tupni\/\/:php|_llehs|urhtssap|nepo_corp|stnetnoc_tup_elif)/
        $rev2 = /strrev[\s@]{0,4}\([\s@]{0,4}["'](tressa|lave|metsys|cexe|TSOP_|TEG_|TSEUQER_|EIKOOC_|cnuf_resu_llac|pam_yarra)/ nocase
        $rot = /["'](onfr64_qrpbqr|tmvasyngr|tmhapbzcerff|fgeeri|perngr_shapgvba|cert_ercynpr|nffreg|riny|flfgrz|furyy_rkrp|cnffgueh|fge_ebg13)["'(]/ nocase
        $b64 = /base64_decode ?\( ?["'](YXNzZXJ0|ZXZhbA|c3lzdGVt|ZXhlYw|c2hlbGxfZXhlYw|cGFzc3RocnU|Y3JlYXRlX2Z1bmN0aW9u|X1BPU1Q|X0dFVA|X1JFUVVFU1Q|X0NPT0tJRQ)={0,2}["']/
        $hex = /["'](\\x[0-9a-f]{2}|\\1[0-7]{2}|\w){0,8}\\(x62|x42|142|102)(\\(x61|141)|a)(\\(x73|163)|s)(\\(x65|145)|e)(\\(x36|0?66)|6)(\\(x34|0?64)|4)/ nocase
        $hexeval = /["'][;\s]{0,4}\\(x65|145)(\\(x76|166)|v)(\\(x61|141)|a)(\\(x6c|154)|l)["'\\(]/ nocase
        $hexassert = /["']\\(x61|141)(\\(x73|163)|s)(\\(x73|163)|s)(\\(x65|145)|e)(\\(x72|162)|r)(\\(x74|164)|t)["']/ nocase
        $hexget = /\{["'](\\x5f|\\137|_\\x|_\\1|\\x47|\\107)[\\\w]{2,40}["']\}/ nocase
        $chr2 = /(\$\w{1,20}\s?\(\s?\d{2,3}\s?\)\s?\.\s?){5}/
        $part = /["'](as|ass|asse|asser|ev|eva|sy|sys|syst|syste|cr|cre|crea|creat|create|pas|pass|passt|sh|she|shel|shell|ex|exe|bas|base|gz|gzi|gzin|str_|str_r|cal|call|arr|array)\\(x[4-7][0-9a-f]|1[0-7]{2})\w{0,12}["'\\]/ nocase
        $chr = /\b(chr[\s@]{0,4}\([\s@]{0,4}(0x[0-9a-f]{2}|\d{2,3})(\s?[-+^*\/]\s?\d{1,4})?[\s@]{0,4}\)\s?\.\s?){4}/ nocase
        $numbers = /(101,118,97,108|101, 118, 97, 108|97,115,115,101,114,116|97, 115, 115, 101, 114, 116|115,121,115,116,101,109|115, 121, 115, 116, 101, 109|98,97,115,101,54,52|98, 97, 115, 101, 54, 5[2])[,)\]} ]/
        $chrs = /chr ?\(|array_map|implode|pack ?\(|%c/
    condition:
        filesize < 2MB
        and (
            any of ($part, $chr2, $rev, $rev2, $rot, $b64, $hex, $hexeval, $hexassert, $hexget)
            or ($chr and filesize < 30KB)
            or ($numbers and $chrs and filesize < 30KB)
        )
}

rule WEBSHELL_PHP_Split_Function_Name {
    meta:
        description = "Detects names of PHP sinks and decoders put together from pieces of text by concatenation, str_replace or comments"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.operators.string.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "455385be-6cbe-5837-93fc-1c04b93c80a5"
    strings:
        $cat_end = /["'] ?\. ?["'](64_decode|4_decode|e64_decode|se64_decode|64_de|nflate|zinflate|uncompress|_rot13|ll_exec|sthru|ssthru)["']/ nocase
        $cat_begin = /["'](base64_de|base64_|base64|base6|bas|gzinf|gzinfl|gzi|gzun|gzuncom|str_ro|str_rot|create_|creat|create_func|ass|asse|asser|sys|syst|shell_|shell_e|passt|eva)["'] ?\. ?["'](e64_decode|64_decode|_decode|4_decode|code|nflate|late|ate|compress|press|function|tion|e_function|ert|rt|t|tem|em|exec|xec|hru|l|64_|_de|d|de|dec|decode)["']/ nocase
        $cat_eval = /eval ?\( ?["'](e|ev|eva|ass|bas|gzi|@?\?>)?["'] ?\. ?(["']\w{1,6}["']|\w{2,20}\( ?\))/ nocase
        $replace = /(=str_replace\(|=str_replace \(|=str_ireplace\(|=str_ireplace \(|= str_replace\(|= str_replace \(|= str_ireplace\(|= str_ireplace \(|=@str_replace\(|=@str_replace \(|=@str_ireplace\(|=@str_ireplace \(|= @str_replace\(|= @str_replace \(|= @str_ireplace\(|= @str_ireplace \() ?["'][^"'\n]{1,12}["'] ?, ?["']{2} ?, ?["'][^"'\n]{4,80}["'] ?\) ?;/
        $invoke = /= ?\$\w{1,40} ?\( ?["']{2} ?, ?\$\w/
        $cat_tail = /("\."ert"|"\."sert"|"\."ssert"|"\."stem"|"\."ystem"|"\."_exec"|"\."unction"|"\."_function"|"\."_decode"|" \. "ert"|" \. "sert"|" \. "ssert"|" \. "stem"|" \. "ystem"|" \. "_exec"|" \. "unction"|" \. "_function"|" \. "_decode"|'\.'ert'|'\.'sert'|'\.'ssert'|'\.'stem'|'\.'ystem'|'\.'_exec'|'\.'unction'|'\.'_function'|'\.'_decode'|' \. 'ert'|' \. 'sert'|' \. 'ssert'|' \. 'stem'|' \. 'ystem'|' \. '_exec'|' \. 'unction'|' \. '_function'|' \. '_decode')/ nocase
        $cat_var = /["']\{?\$\w{1,12}(\}ert["']|\}sert["']|\}stem["']|\}tem["']|\}thru["']|\}_exec["']|\}64_decode["']|\}_decode["'])/
    condition:
        filesize < 500KB
        and (any of ($cat_*) or ($replace and $invoke))
}

rule WEBSHELL_PHP_String_Index_Assembly {
    meta:
        description = "Detects PHP code that assembles names from single characters of one alphabet string by index"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.types.string.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "1ebf612a-4e14-52f4-a82e-83c061a65f17"
    strings:
        // an index of 6 or more in each place: colours and regex groups stay below
        $a = /(\$(\w{1,40}|\{["'][^"'\n]{1,60}["']\}(\[["'][^"'\n]{1,40}["']\])?)\s?[\[{]\s?([6-9]|\d{2,3}|0x[0-9a-f]{1,2})\s?[\]}]\s?\.\s?){3}/ nocase
        $b = /(\$GLOBALS[\[{]["'][^"'\n]{1,30}["'][\]}][\[{]\d{1,3}[\]}] ?\. ?){3}/
        // long runs of any index
        $c = /(\$\w{1,40}\s?[\[{]\s?\d{1,3}\s?[\]}]\s?\.\s?){7}/
    condition:
        filesize < 1MB
        and any of ($a, $b, $c)
}

rule WEBSHELL_PHP_Globals_Obfuscation {
    meta:
        description = "Detects PHP code that reaches its variables and functions through escaped GLOBALS names or through tables of functions in GLOBALS"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/reserved.variables.globals.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "d8377073-2737-5ab4-8a7f-06b7bcda0ea4"
    strings:
        $a = /\$\{["'](\\x47|\\107|G)(\\x4c|\\114|L)(\\x4f|\\117|O)(\\x42|\\102|B)(\\x41|\\101|A)(\\x4c|\\114|L)(\\x53|\\123|S)["']\}\s?[\[{]\s?["'](\\x[0-9a-f]{2}|\\[0-7]{2,3}|\w){2,60}\\/ nocase
        $b = /\$GLOBALS[\[{]["']?[\w\x80-\xff]{1,30}["']?[\]}][\[{](\d{1,3}|0x[0-9a-f]{1,3})[\]}]\(/
        $c = /\$GLOBALS[\[{]["']([_O0]{3}|[Il1_]{4})\w{0,40}["'][\]}]/
        $d = /\$\{"GLOBALS"\}\["\w{6,20}"\]\s?=\s?"\w{1,30}"/
    condition:
        filesize < 2MB
        and ($a or #b > 3 or #c > 3 or #d > 2)
}

rule WEBSHELL_PHP_Lookalike_Variables {
    meta:
        description = "Detects PHP code whose variables are built from look-alike characters (O and 0, I and l and 1, underscores) together with a decoder or sink"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.base64-decode.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "9482c3ea-ca99-5185-aa3a-868429ea87af"
    strings:
        $o = /\$([O0]{5}|[Oo0_]{7}|[Il1]{6})/
        $u = /\$_{4,40}\s?[=(\[{.]/
        $s1 = /\b(eval|assert|base64_decode|gzinflate|gzuncompress|urldecode|rawurldecode|create_function|str_rot13|strrev)[\s@]{0,4}\(/ nocase
        $s4 = "__FILE__"
    condition:
        filesize < 5MB
        and (#o > 3 or #u > 5)
        and any of ($s*)
}

rule WEBSHELL_PHP_Literal_Arithmetic {
    meta:
        description = "Detects PHP names computed from literals by exclusive or, complement or repeated increments, the letterless shell technique"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.operators.bitwise.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "adbee8b4-6550-579d-990a-457190878507"
    strings:
        $xor = /[=(.\s]("[^"\n]{1,40}"|'[^'\n]{1,40}') ?\^ ?["'][^"'\n]{1,40}["']/
        $not1 = /[(=] ?~["'][\x80-\xff]{3,20}["']/
        $not3 = /\(~[\x80-\xff]{3,20}\) ?\(/
        $notenc = /~ ?urldecode ?\( ?["']%[89a-f][0-9a-f]/ nocase
    condition:
        filesize < 30KB
        and (#xor > 1 or ($xor and filesize < 2KB) or any of ($not*))
}

rule WEBSHELL_PHP_Goto_Spaghetti {
    meta:
        description = "Detects PHP code scrambled with goto jumps between random labels together with escaped strings or a sink"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/control-structures.goto.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "ebf16f93-0bc8-5b3e-8797-9e8c9c8ff471"
    strings:
        $goto = /goto [A-Za-z0-9_]{4,8};\s?[A-Za-z0-9_]{4,8}:/
        $e1 = /\\x[0-9a-f]{2}\\(x|1)|\\1[0-7]{2}\\(x|1)/ nocase
        $e2 = /\b(eval|base64_decode|system|shell_exec|curl_exec)[\s@]{0,4}\(/ nocase
    condition:
        filesize < 2MB
        and #goto > 5
        and any of ($e*)
}

rule WEBSHELL_PHP_Session_Key_Cipher {
    meta:
        description = "Detects the PHP agent of encrypted web-shell managers: the request body is decrypted with a short key, by AES or by a repeating exclusive or, and evaluated"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 90
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.openssl-decrypt.php"
        mitre_att = "T1505.003"
        mitre_att = "T1573"
        mitre_att = "T1027"
        id = "dd31fc8c-4e56-5076-a6a3-b664b1eb8ed6"
    strings:
        $xor15 = /\^ ?\$\w{1,20} ?[\[{] ?\(? ?(\$\w{1,20} ?\+ ?1|1 ?\+ ?\$\w{1,20}) ?\)? ?& ?15/
        $xorlen = /[\]}] ?\^ ?\$\w{1,20} ?[\[{] ?\$\w/
        $aes = /openssl_decrypt[\s@]{0,4}\([^;]{1,60}["']AES-?128/ nocase
        $in1 = "php://input" nocase
        $in2 = /\$\{?["']?_(GET|POST|REQUEST|COOKIE)\b/ nocase
        $run1 = /\b(eval|assert|create_function)[\s@]{0,4}\(/ nocase
        $run2 = "__invoke("
        $run3 = /\$\w{1,20}\s?\(\s?\$\w{1,20}\s?,\s?["']{0,2}\$?\w{0,20}["']{0,2}\s?\)/
    condition:
        filesize < 20KB
        and ($xor15 or $aes or $xorlen)
        and any of ($in*)
        and any of ($run*)
}

rule SUSP_PHP_Long_Encoded_Block {
    meta:
        description = "Detects a PHP file that holds a very long base64 or hexadecimal literal and a code sink or variable call, the form of packed shells"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.base64-decode.php"
        mitre_att = "T1027"
        mitre_att = "T1140"
        id = "591c003a-e320-5cd0-b40c-c975094a20fe"
    strings:
        $b64 = /(\(|=|= )["'][A-Za-z0-9+\/]{400}/
        $hex = /["'](\\x[0-9a-f]{2}){16}/ nocase
        $sink = /[\s;@{}(=?.](eval\(|eval \()[\s@"'?>.(]{0,8}[$\w]/ nocase
        $sink2 = /(@assert\(|create_function\()/ nocase
        $dec = /\b(base64_decode|gzinflate|gzuncompress|str_rot13)[\s@]{0,4}\(/ nocase
    condition:
        filesize < 5MB
        and any of ($sink, $sink2)
        and $dec
        and any of ($b64, $hex)
}

rule SUSP_PHP_Encoded_PHP_Literal {
    meta:
        description = "Detects PHP code stored as a base64 or hexadecimal literal inside PHP code that decodes it or writes it to a file"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.base64-decode.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        mitre_att = "T1105"
        id = "a2164946-7097-510d-bf96-26ce277ab66b"
    strings:
        $b64 = /(base64_decode|\$\w{1,30})\s?\(\s?["']PD9(waH|QSF|gQG|gZX|KZX|wSF)/
        $hex = /(pack\s?\(\s?["']H\*["']\s?,|hex2bin\s?\()\s?["']3c3f(706870|3d|20|0a|40)/ nocase
        $var = /\$\w{1,30}\s?=\s?["']PD9(waH|QSF|gQG|gZX|KZX|wSF)/
        $w = /\b(fwrite|fputs|file_put_contents|eval)[\s@]{0,4}\(/ nocase
        $dec = "base64_decode("
        $php = /<\?(php|=|\s)|<script\s{1,4}language/ nocase
    condition:
        filesize < 5MB
        and $php
        and $w
        and ($b64 or $hex or ($var and $dec))
}

rule WEBSHELL_PHP_Base64_Of_Request_Code {
    meta:
        description = "Detects base64 text whose plain form evaluates or runs request data, so that the shell is seen without decoding the whole literal"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.base64-decode.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "98527341-6a16-5450-8d3c-c6ebad123ee7"
    strings:
        $post = "($_POST[" base64
        $request = "($_REQUEST[" base64
        $get = "($_GET[" base64
        $cookie = "($_COOKIE[" base64
        $php = "<?"
        $eval = "eval(base64_" base64
        $gz = "eval(gzinfl" base64
    condition:
        filesize < 2MB
        and $php
        and any of ($eval, $gz, $post, $request, $get, $cookie)
}

rule WEBSHELL_PHP_Escaped_Request_Key {
    meta:
        description = "Detects PHP that reads a request field whose name is written in hexadecimal or octal escapes, which only serves to hide the password of a shell"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.types.string.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "502dc9bb-e843-5b45-8a62-b91289249182"
    strings:
        $a = /(\$_GET\["\\x|\$_GET\["\\1|\$_GET\["\\0|\$_GET\["\\u|\$_POST\["\\x|\$_POST\["\\1|\$_POST\["\\0|\$_POST\["\\u|\$_REQUEST\["\\x|\$_REQUEST\["\\1|\$_REQUEST\["\\0|\$_REQUEST\["\\u|\$_COOKIE\["\\x|\$_COOKIE\["\\1|\$_COOKIE\["\\0|\$_COOKIE\["\\u|\$_SERVER\["\\x|\$_SERVER\["\\1|\$_SERVER\["\\0|\$_SERVER\["\\u)[0-9a-f]{1,4}\\/
    condition:
        filesize < 2MB
        and $a
}

rule WEBSHELL_PHP_Escaped_Open_Tag {
    meta:
        description = "Detects PHP literals in which the opening tag of PHP itself is written with escapes, so that code for another file is not seen in this one"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.types.string.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "37a23f18-fd8d-55a9-afb8-3fc79cafb853"
    strings:
        $a = /["'](<\\x3f|<\\77|\\x3c\\x3f\\x70|\\x3c\\x3f\\x50|\\74\\77\\160|\\x3c\?p|\\x3c\?\\x70|<\?\\x70|<\?p\\x68|<\\x3fp)/ nocase
    condition:
        filesize < 2MB
        and $a
}
