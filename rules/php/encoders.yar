// suppress: P003, P016 -- one shape is several expressions, but only its rarest is
// searched everywhere, and the benchmark counts what that costs

// Encoders and packers by the machinery they leave behind: substitution
// tables, shifted alphabets, names in pieces, stacked replacements.

rule WEBSHELL_PHP_Substitution_Table {
    meta:
        description = "Detects PHP that decodes a text through a table of single characters before base64, and evaluates the outcome"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.strtr.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        mitre_att = "T1140"
        id = "6c9b0fde-7449-55e6-ad1d-5278b33aa384"
    strings:
        $a = /isset\s?\(\s?\$\w{1,20}\s?\[\s?\$\w{1,20}\s?[\[{]\s?\$\w{1,12}\s?[\]}]\s?\]\s?\)\s?\?\s?\$/
        $b = /(["']\w["']\s?=>\s?["']\w["']\s?,\s?){12}/ nocase
        $c = /strtr\s?\(\s?(\$\w{1,20}|["'][^"']{40,400}["'])\s?,\s?["'][A-Za-z0-9+\/=]{26,70}["']\s?,\s?["'][A-Za-z0-9+\/=]{26,70}["']/
        $sink = /(eval\(|eval \(|assert\(|create_function\(|include\(|include \()["'?>.@\s]{0,8}\$?\w{1,40}\s?[()]/ nocase
        $dec = "base64_decode"
    condition:
        filesize < 2MB
        and $sink
        and (($a and $b) or ($c and $dec))
}

rule WEBSHELL_PHP_Pieces_Of_Decoder_Names {
    meta:
        description = "Detects PHP names put together from many very short literals, as packers write function names so that no search finds them"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.operators.string.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "8c86a711-776a-581f-804d-f5aa01fcd88c"
    strings:
        $a = /(e["'] ?\. ?["']v["'] ?\. ?["']a|s["'] ?\. ?["']s["'] ?\. ?["']e|p["'] ?\. ?["']r["'] ?\. ?["']e|c["'] ?\. ?["']r["'] ?\. ?["']e|f["'] ?\. ?["']l["'] ?\. ?["']a|y["'] ?\. ?["']s["'] ?\. ?["']t|e["'] ?\. ?["']x["'] ?\. ?["']e|r["'] ?\. ?["']o["'] ?\. ?["']t|c["'] ?\. ?["']o["'] ?\. ?["']p|6["'] ?\. ?["']4["'] ?\. ?["']_)["']/ nocase
        $c = /["']ev["'] ?\. ?["']al|["']eva["'] ?\. ?["']l["'(]|["']e["'] ?\. ?["']val["'(]/ nocase
        $d = /["'](gz|gzi|gzin|gzinf|bas|base|base6|base64_|str_r|ba|cr|crea|create_f|e_fun)["'] ?\. ?["']\w{1,6}["'] ?\. ?["']\w/ nocase
        $e = /["'](base|b)["'] ?\. ?\( ?\d{1,3} ?[\/*+-] ?\d{1,3} ?\)|\(64\) ?\. ?["']_/ nocase
        $f = /strrev ?\( ?["'][\w;)($?>".]{1,12}["'] ?\. ?["']/
    condition:
        filesize < 1MB
        and any of them
}

rule WEBSHELL_PHP_Stacked_Replacements {
    meta:
        description = "Detects PHP that turns a literal into code by several replacements of made-up words, one after another, and evaluates it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.str-replace.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "30e92c4b-d597-5478-ad33-514441165814"
    strings:
        $r = /= ?(str_replace|str_ireplace|strtr|substr_replace) ?\( ?["'][^"'\n]{1,20}["'] ?, ?["'][^"'\n]{0,6}["'] ?, ?\$\w{1,30} ?\) ?;/
        $e = /(eval\(|eval \(|@assert\(|create_function\()[\s@"'?>.]{0,8}(\$\w|base64_decode ?\(|str_replace ?\()/ nocase
        $one = /(eval|assert|\$\w{1,20}) ?\( ?((\$\w{1,12}|base64_decode) ?\( ?)?str_replace ?\( ?["'][^"'\n]{1,12}["'] ?, ?["']{2} ?, ?["'][^"'\n]{20}/
        $ire = /= ?str_i?replace ?\( ?["']\w{1,12}["'] ?, ?["']\w{0,12}["'] ?, ?["']\w{4,40}["'] ?\) ?;/
        $call = /= ?\$\$?\w{1,12} ?\( ?["'$]|eval\s?\(/
        $fp1 = /\b(namespace|class) \w{1,40}\s?[;{\\]/
    condition:
        filesize < 60KB
        and $e
        and (#r > 3 or $one or ($ire and $call))
        and not $fp1
}

rule WEBSHELL_PHP_Character_Loop_Decoder {
    meta:
        description = "Detects PHP loops that compute each character of a long literal (ord, shift, exclusive or, complement) and evaluate the result"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.ord.php"
        mitre_att = "T1505.003"
        mitre_att = "T1140"
        id = "33ea996a-1e35-5718-a08e-cb5da9e86568"
    strings:
        $a = /\.=\s?(chr\s?\(\s?)?\(?\s?(ord\s?\(\s?)?\(?\s?\$\w{1,20}\s?[\[{]\s?\$\w{1,12}\s?[\]}]\s?\)?\s?[\^+-]\s?(\d{1,3}|\$\w{1,20}|ord)/
        $b = /=\s?chr\s?\(\s?\(?\s?ord\s?\(\s?(substr\s?\([^)]{1,30}\)|\$\w{1,20}\s?[\[{]\s?\$\w{1,12}\s?[\]}])\s?\)\s?[\^+-]\s?\(?\s?[\d$o]/
        $c = /\^\s?substr\s?\(\s?\$\w{1,20}\s?,\s?\$\w{1,12}\s?%\s?strlen/
        $lit = /[=(.,] ?["'][A-Za-z0-9+\/=%\\~!@#$^&*();:,.<>?{}|_\[\]-]{120}/
        $e = /[\s;@{}()=?.&|](eval\(|eval \()\s?["'?>.\s@]{0,8}(\$\w{1,40}\s?\)|\w{1,40}\s?\(\s?(\$|["']))|create_function\(["']{2} ?, ?\$|@assert\(\$/
    condition:
        filesize < 500KB
        and any of ($a, $b, $c)
        and $lit
        and $e
}

rule WEBSHELL_PHP_Shifted_Literal_Packer {
    meta:
        description = "Detects the packer that prepends a long printable literal full of shifted text to a page and builds its functions by indices of it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://blog.sucuri.net/"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "dfb365f6-5ea8-5f59-b2c4-05a5ab961be9"
    strings:
        $a = /\$\w{6,14}\s?=\s?'[^'\n]{0,40}[!-\/:-@]{2}[^'\n]{300}/
        $b = /(\\x5c%x78|%x5c%x7825|x7825|x7f[;!]|x22[!)]|osvufs|tutjyf|fepmqyf|ftmfV|tmw\/)/
    condition:
        filesize < 500KB
        and $a
        and #b > 6
}

rule WEBSHELL_PHP_Guarded_Decoder_Header {
    meta:
        description = "Detects the frame of public PHP encoders that hide code in their own file: a guard constant with a hash, a decoding function and a checksum at the end"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.gzuncompress.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "04ad9afb-4261-5038-ab24-76c0888c2608"
    strings:
        $a = /defined\s?\(\s?['"]IN_DECODE_[0-9a-f]{32}['"]\s?\)/
        $b = /End of the decryption code\s?=+>>/
        $c = /Start code decryption\s?<<=+/
    condition:
        filesize < 2MB
        and 2 of them
}

rule WEBSHELL_PHP_Fopo_Style_Escaped_Blob {
    meta:
        description = "Detects free online PHP obfuscators: an escaped name of a decoder in a variable, followed by its call on a long literal inside of eval"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.eval.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "9cb4c9ca-b2c6-52fe-89be-e9c530bc0544"
    strings:
        $a = /\$\w{4,30}\s?=\s?"(\\(x[0-9a-f]{2}|[0-7]{2,3})|[a-z0-9_]){6,40}"\s?;\s{0,4}@?eval\s?\(/ nocase
        $b = /@?eval\s?\(\s?\$\w{4,30}\s?\(\s?(\r?\n)?["'][A-Za-z0-9+\/=\\]{60}/
        $c = /\$\w{4,30}\s?=\s?"(\\(x[0-9a-f]{2}|[0-7]{2,3})){1,3}([a-z0-9_]|\\(x[0-9a-f]{2}|[0-7]{2,3})){5,40}"\s?;\s{0,4}\$\w{4,30}\s?=\s?"(\\(x[0-9a-f]{2}|[0-7]{2,3})){1,3}([a-z0-9_]|\\(x[0-9a-f]{2}|[0-7]{2,3})){5,40}"\s?;/ nocase
    condition:
        filesize < 2MB
        and any of them
}

rule WEBSHELL_PHP_Binary_Name_Obfuscation {
    meta:
        description = "Detects PHP whose variables or functions are named by bytes outside of ASCII that are no readable text, together with a decoder or sink"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.variables.basics.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "0d0986b1-318f-543e-9d65-ff48581bbe77"
    strings:
        $d = /\$[\x80-\xff][\w\x80-\xff]{1,20}\(["'$]/
        $s = /(base64_decode|gzuncompress|gzinflate|str_rot13|create_function)\(/
        $fp1 = /\$?[\xe3-\xe9][\x80-\xbf]{2}[\xe3-\xe9][\x80-\xbf]{2}\s?[=(\[]/
    condition:
        filesize < 2MB
        and $s
        and #d > 2
        and #fp1 < 3
}

rule WEBSHELL_PHP_Bzip_Literal_Evaluated {
    meta:
        description = "Detects PHP code that carries a compressed program as base64 (gzip, zlib or bzip2 headers) and hands it to a function built at run time"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.bzdecompress.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "f4383b22-3611-5903-b394-f35ccbdf60c6"
    strings:
        $bz = /\$\w{1,30} ?\( ?["']QlpoN/
        $gz = /\$\w{1,30} ?\(["'](H4sI|eJ[wxyzsttjqplmn0-9]|eNr|7[VXTPLDHZRbdf][0-9a-z])[A-Za-z0-9+\/]{60}/
        $echo = /(gzuncompress|gzinflate|gzdecode|bzdecompress) ?\( ?base64_decode ?\( ?["'][A-Za-z0-9+\/]{200}/
    condition:
        filesize < 2MB
        and any of them
}

rule WEBSHELL_PHP_Code_In_Config_Value {
    meta:
        description = "Detects code hidden at the edge of a library or core file: a decoded literal in a plausible variable that is evaluated lines later, with the warning switched off"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1546"
        id = "e7e32691-02e6-5a38-92ad-afd98fd2a759"
    strings:
        $a = /\$\w{3,20}\s?=\s?@base64_decode\s?\(\s?["'][A-Za-z0-9+\/=]{40}/
        $b = /@eval\s?\(\s{0,3}\$\w{3,20}\s{0,3}\)\s?;/
        $c = /@?(ini_set|error_reporting|set_time_limit)\s?\([^)]{1,40}\)\s?;\s{0,8}@?eval\s?\(\s?\$\w{3,20}\s?\)/
        $d = /\$\w{1,20}\s?=\s?["'][A-Za-z0-9+\/]{200,900}={0,2}["']\s?;[^;]{0,80}(base64_decode|gzinflate|gzuncompress|str_rot13|strrev)\s?\([^;]{1,60};[^;]{0,100};?\s{0,5}@?(eval|assert|include)\s?\(?/
    condition:
        filesize < 1MB
        and (($a and $b) or $c or $d)
}

rule WEBSHELL_PHP_Modifier_Assembled {
    meta:
        description = "Detects preg_replace whose e modifier or delimiter is assembled from characters or variables so that the evaluation is not seen"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/reference.pcre.pattern.modifiers.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "09a51672-cb1b-5d37-8e52-207f5ef61596"
    strings:
        $a = /(g_replace\(chr|g_replace \(chr|g_replace\( chr) ?\( ?(47|35|33|0x2f) ?\)[^;]{0,120}chr ?\( ?(101|0x65) ?\)/ nocase
        $b = /preg_replace\s{0,6}\(\s{0,6}["'][^"'\n]{1,16}["']\s?\.\s?["']e[a-z]{0,3}["']/ nocase
    condition:
        filesize < 500KB
        and any of them
}

rule WEBSHELL_PHP_Literal_Function_Table {
    meta:
        description = "Detects PHP that fills an array with decoded names of functions and calls them by index, a table that stands for all code of the file"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.types.array.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "24bee952-6814-5993-a5c1-ddedb38af7e8"
    strings:
        $a = /(base64_decode|str_rot13|strrev|hex2bin|gzinflate) ?\( ?["'][^"']{1,60}["'] ?(\. ?["'][^"']{0,40}["'] ?){0,8}\) ?, ?(base64_decode|str_rot13|strrev|hex2bin|gzinflate) ?\(/ nocase
        $b = /(explode|str_split|preg_split) ?\( ?["'][^"'\n]{1,12}["'] ?, ?["'][^"'\n]{0,300}(base64_decode|gzinflate|edoced_46)/ nocase
        $c = /(function _0|function _1|function _2|function _3|function _4|function _5|function _6|function _7|function _8|function _9)\d{0,11} ?\(/ nocase
        $d = /\$\w{1,20}\s?\[\s?\d{1,3}\s?\]\s?\(|_\d{3,12}\s?\(\s?\d{1,3}\s?\)/
    condition:
        filesize < 2MB
        and (($a and $d) or ($b and $d) or ($c and #d > 4))
}

rule WEBSHELL_PHP_Image_Or_Log_Include {
    meta:
        description = "Detects PHP that includes or evaluates a file disguised as picture, font, log or archive, or reads code out of image metadata"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1036/008/"
        mitre_att = "T1505.003"
        mitre_att = "T1036.008"
        id = "0d526c08-97b3-5851-876e-bc879cbb4792"
    strings:
        $a = /(include|require)(_once)?[ (]{1,2}((ABSPATH|__DIR__|dirname\(__FILE__\)|\$_SERVER\[["']DOCUMENT_ROOT["']\]) ?\. ?)?["'][^"'@\n]{1,160}\.(ico|jpe?g|gif|png|bmp|ttf|mp3|tmp)["']\)? ?;/ nocase
        $b = /(lude[ (]"\\x|lude \("\\x|uire[ (]"\\x|uire \("\\x|_once[ (]"\\x|_once \("\\x|lude[ (]"\\[01]|lude \("\\[01]|uire[ (]"\\[01]|uire \("\\[01]|_once[ (]"\\[01]|_once \("\\[01]|lude[ (]"\/\\x|lude \("\/\\x|uire[ (]"\/\\x|uire \("\/\\x|_once[ (]"\/\\x|_once \("\/\\x|lude[ (]"\w\\x|lude \("\w\\x|uire[ (]"\w\\x|uire \("\w\\x|_once[ (]"\w\\x|_once \("\w\\x)/ nocase
        $c = /exif_read_data ?\([^;]{1,80};[^;]{0,120};?[^;]{0,80}(preg_replace|eval|assert|\$\w{1,12}\[["']\w{1,20}["']\]\[)/ nocase
        $c2 = /preg_replace\s?\(\s?\$\w{1,12}\s?\[|eval\s?\(\s?\$|assert\s?\(\s?\$/
        $d = /(lude|uire|_once)[ (@]{1,3}(base64_decode|str_rot13|strrev|hex2bin|gzinflate|urldecode) ?\( ?["']/ nocase
        $e = /(lude[ (]["']data:|lude \(["']data:|uire[ (]["']data:|uire \(["']data:|_once[ (]["']data:|_once \(["']data:)[^"'\n]{0,40}(["'] ?\. ?(base64|\$_)|<\?|PD9)/ nocase
        $pic = /(\.ico["']\)|\.jpe?g["']\)|\.gif["']\)|\.png["']\)|\.bmp["']\)|\.ttf["']\)|\.mp3["']\)|\.tmp["']\)|\.ico["'];|\.jpe?g["'];|\.gif["'];|\.png["'];|\.bmp["'];|\.ttf["'];|\.mp3["'];)/ nocase
        $f = /["'](phar:\/\/[^"'\n]{0,60}\.(jpe?g|gif|png|zip)|zip:\/\/[^"'\n]{0,60}\.(jpe?g|gif|png|txt|zip)(%23|#))/ nocase
    condition:
        filesize < 500KB
        and (($pic and $a) or $b or ($c and $c2) or $d or $e or $f)
}
