// suppress: P003, P016 -- one shape is several expressions, but only its rarest is
// searched everywhere, and the benchmark counts what that costs

// Pages that look different to search engines than to people: traffic that is
// sent elsewhere, remote pages handed through, and lists of hidden links.
// A class of one letter keeps a literal from reporting this file.

rule WEBSHELL_PHP_Cloak_Bot_Gets_Remote_Page {
    meta:
        description = "Detects PHP that tests the visitor for a search engine and answers with a page fetched from another server, the search-spam proxy found on compromised sites"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/essentials/spam-policies"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "764c17e1-6cf1-5ac1-9eae-fe345a42d1fb"
    strings:
        $ua = "HTTP_USER_AGENT"
        $bot = /(str_?i?pos|stri?str|preg_match|eregi?|in_array|str_contains)\s?\([^;]{0,120}(["']google["']|["']bing["']|googlebot|bingbot|google\||\|google|yahoo\||\|bing|baiduspider|yandexbot|slurp|msnbot)/ nocase
        $fetch = /\b(file_get_contents|curl_exec|fsockopen|curl_init|fopen|readfile)\s?\(/
        $echo = /\b(echo|print|exit|die)[\s(]{1,4}@?(file_get_contents|curl_exec|\$\w{1,40}\s?[;)(])/
        $url = /["'](https?:\/\/["']?\s?[.a-z0-9]|aHR0c)/ nocase
        $fp1 = /namespace |extends /
        $local = /(google|bing|yahoo|baidu)[^;{]{0,60}\$_SERVER\[["']HTTP_USER_AGENT["']\] ?\)[^;{]{0,20}\{?\s{0,8}(include|require|readfile|echo file_get_contents)/ nocase
    condition:
        filesize < 80KB
        and (($ua and $bot and $fetch and $echo and $url) or $local)
        and not $fp1
}

rule WEBSHELL_PHP_Cloak_Referer_Redirect {
    meta:
        description = "Detects PHP that sends visitors who come from a search engine to another site, by a Location header or a script, and lets everybody else see the page"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/essentials/spam-policies"
        mitre_att = "T1505.003"
        id = "a3dd5d29-785e-5c2e-9b05-632bda06b316"
    strings:
        $test = /(str_?i?pos|stri?str|preg_match|eregi?|str_contains)\s?\([^;]{0,160}(google\\?\.|\|google|google\||bing\\?\.|yahoo\\?\.|google["',])/ nocase
        $ref = /\$_SERVER\s?\[\s?["']HTTP_REFERER["']|getenv\s?\(\s?["']HTTP_REFERER/
        $go1 = /header\s?\(\s?["']Location:\s?(https?:|["']\s?\.\s?(\$|base64_decode))/ nocase
        $go2 = /echo\s{0,4}["']<script[^;]{0,60}(window|document|top)\.location/ nocase
        $fp1 = /namespace |@package /
        $list = /["'](google|bing|yahoo)\.?(com)?["'] ?, ?["'](google|bing|yahoo|yandex|msn|baidu|ask|aol)\./ nocase
    condition:
        filesize < 40KB
        and $ref
        and any of ($test, $list)
        and any of ($go*)
        and not $fp1
}

rule WEBSHELL_PHP_Cloak_Engine_List {
    meta:
        description = "Detects PHP that walks an array of search-engine names over the user agent or the referer and then fetches a remote page or link list"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/essentials/spam-policies"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "7dc04f23-fba1-5992-987d-a5af76c2b126"
    strings:
        $list = /(array ?\(|\[)\s?["'](google|googlebot|bing|yahoo|bot|baidu|spider)(bot|\.com?)?["'] ?, ?["']\w{2,14}(\.\w{2,4})?["'] ?, ?["']/ nocase
        $src = /HTTP_(USER_AGENT|REFERER)/
        $fetch = /(file_get_contents|curl_exec|fsockopen|curl_setopt)\s?\(/
        $url = /["'](https?:\/\/|aHR0c)/
        $out = /\b(echo|print|die|exit)\b[\s(]{1,4}\$/
        $fp1 = /\b(namespace|class) \w{1,40}\s?[;{\\]/
    condition:
        filesize < 60KB
        and $list
        and $src
        and $fetch
        and $url
        and $out
        and not $fp1
}

rule WEBSHELL_PHP_Cloak_Keyword_Hack_Markers {
    meta:
        description = "Detects the marker words by which remote spam servers tell the search-spam proxies of the Japanese keyword hack what to answer (html, xml, sitemap, error page)"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://web.dev/articles/fixing-the-japanese-keyword-hack"
        mitre_att = "T1505.003"
        id = "f3f15dea-411e-5da2-9f47-67c0101df1e1"
    strings:
        $a = /okhtmlge[t]content/
        $b = /okxmlget[c]ontent/
        $c = /getconte[n]t500page/
        $d = /getconte[n]t404page/
        $e = /getconte[n]t301page/
        $f = /nobotuse[r]agent/
    condition:
        filesize < 500KB
        and any of them
}

rule WEBSHELL_PHP_Cloak_Sitemap_Ping {
    meta:
        description = "Detects PHP that announces generated sitemaps to a search engine and rewrites robots.txt while it hands through pages of another server"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://web.dev/articles/fixing-the-japanese-keyword-hack"
        mitre_att = "T1505.003"
        id = "56ce9e3f-a686-5ccc-b2ff-311ddc6894ec"
    strings:
        $ping = /google\.\w{2,3}(\.\w{2})?\/ping\?sitemap=/
        $robots = /(file_put_contents|fopen|fwrite)\s?\([^;]{0,80}robots\.txt/
        $agent = /User-agent:\s?\*/ nocase
        $host = /\$_SERVER\s?\[\s?["']HTTP_HOST/
        $fp1 = /namespace |@package /
    condition:
        filesize < 100KB
        and $ping
        and $host
        and ($robots or $agent)
        and not $fp1
}

rule WEBSHELL_PHP_Mixed_Escapes {
    meta:
        description = "Detects PHP strings in which hexadecimal and octal escapes alternate character by character, which no editor or generator of legitimate code writes"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.types.string.php"
        mitre_att = "T1505.003"
        mitre_att = "T1027.010"
        id = "fa34f1c8-4adf-5af5-94c2-b3919c584a26"
    strings:
        $a = /\\x[0-9a-f]{2}\\1[0-7]{2}\\x[0-9a-f]{2}\\1[0-7]{2}/
        $b = /\\x[0-9a-f]{2}(\\x[0-9a-f]{2})?\\1[0-7]{2}(\\1[0-7]{2})?\\x[0-9a-f]{2}(\\x[0-9a-f]{2})?\\1[0-7]{2}/
        $php = "<?"
    condition:
        filesize < 2MB
        and $php
        and (#a > 3 or #b > 8)
}

rule WEBSHELL_PHP_Cloak_Mobile_Redirect {
    meta:
        description = "Detects PHP that sends phones, or visitors without a marker cookie, to a concealed address: user-agent test, cookie and a decoded Location"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/essentials/spam-policies"
        mitre_att = "T1505.003"
        id = "b204de3e-82ff-58ef-a586-a7387f0909ba"
    strings:
        $ua = "HTTP_USER_AGENT"
        $loc1 = /header\s?\(\s?["']Location:\s?["']\s?\.\s?(base64_decode|str_rot13|strrev|hex2bin|gzinflate)\s?\(/ nocase
        $loc2 = /header\s?\(\s?base64_decode\s?\(/ nocase
        $loc3 = /(base64_decode|str_rot13|strrev|hex2bin)\s?\([^;]{8,200}\)\s?;[^;]{0,40}header\s?\(\s?["']Location:/ nocase
        $ref = /["'](HTTP_REFERER|REMOTE_ADDR)["']/
    condition:
        filesize < 40KB
        and any of ($loc*)
        and ($ua or $ref)
}

rule SUSP_PHP_Phishing_Visitor_Filter {
    meta:
        description = "Detects PHP that turns away security companies, hosters and crawlers by long lists of names and addresses, as phishing kits do before they show their page"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1566/"
        mitre_att = "T1505.003"
        id = "80c52cad-7094-57e9-8e54-0616d906afe5"
    strings:
        $n1 = /cyve[i]llance/ nocase
        $n2 = /phis[h]tank/ nocase
        $n3 = /caly[x]institute/ nocase
        $n4 = /soft[l]ayer/ nocase
        $n5 = "tor-exit"
        $n6 = /netp[i]lot/ nocase
        $n7 = /bitd[e]fender/ nocase
        $n8 = /drea[m]host/ nocase
        $src = /gethostbyaddr|HTTP_USER_AGENT|REMOTE_ADDR/
        $deny = /\b(die|exit|header)\b/
    condition:
        filesize < 200KB
        and 4 of ($n*)
        and $src
        and $deny
}

rule WEBSHELL_PHP_Remote_Links_In_Page {
    meta:
        description = "Detects short PHP that fetches text from a fixed address with the name of the present site in the query and prints it into the page, the client of a link farm"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/essentials/spam-policies"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "0c774dab-0a3e-59fe-bd14-3ac6e2cfe5bc"
    strings:
        $a = /(echo|print)[\s(]{1,4}@?(file_get_contents|curl_\w{1,20}|implode\s?\(\s?["']{2}\s?,\s?@?file|readfile|get_\w{1,20}|http_get)\s?\(\s?["']https?:\/\/[^"']{4,100}\?\w{0,12}=?["']\s?\.\s?(urlencode\s?\(|rawurlencode\s?\(|base64_encode\s?\(|http_build_query\s?\()?\s?\$_SERVER/ nocase
        $b = /\$\w{1,30}\s?=\s?["']https?:\/\/[^"']{4,100}\?\w{0,16}=?["']\s?\.[^;]{0,30}\$_SERVER\s?\[\s?["'](HTTP_HOST|SERVER_NAME|REQUEST_URI|HTTP_USER_AGENT|REMOTE_ADDR)[^;]{0,200};\s{0,6}(\$\w{1,30}\s?=|echo|print)[\s(]{0,3}@?(file_get_contents|curl_\w{1,12}|implode|join)\s?\(/
        $fp1 = /\b(namespace|class) \w{1,40}\s?[;{\\]/
        $facts = /https?:\/\/[^"'\n]{4,100}\?\w{1,12}=["'] ?\. ?(base64_encode|urlencode|md5|rawurlencode) ?\(@?\$_SERVER\[["'](HTTP_HOST|SERVER_NAME)["']\] ?\) ?\. ?["']&\w{1,8}=["'] ?\. ?[^;"']{0,20}\$_SERVER/
    condition:
        filesize < 20KB
        and any of ($a, $b, $facts)
        and not $fp1
}

rule WEBSHELL_PHP_Forged_Crawler_Agent {
    meta:
        description = "Detects PHP that fetches with the user agent of a search engine from a concealed address and evaluates, includes or prints what comes"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.curl-setopt.php"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "f2919e40-a8dd-5f6e-ae6f-8fda59110546"
    strings:
        $agent = /CURLOPT_USERAGENT\s?,\s?["'][^"']{0,60}(Googlebot|bingbot|Baiduspider)/
        $stream = /["']User-Agent:\s?[^"']{0,60}(Googlebot|bingbot|Baiduspider)/ nocase
        $hidden = /(base64_decode|str_rot13|strrev|hex2bin|gzinflate|pack)\s?\(/
        $use = /\b(eval|echo|print|include|require|die|exit)\b[\s(]{1,4}["'?>.\s]{0,10}\$\w/
        $fp1 = "namespace "
    condition:
        filesize < 60KB
        and any of ($agent, $stream)
        and $hidden
        and $use
        and not $fp1
}

rule WEBSHELL_PHP_Cloak_Reverse_Lookup {
    meta:
        description = "Detects PHP that confirms search engines by reverse lookup of the address and shows them a remote or hidden file"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/crawling-indexing/verifying-googlebot"
        mitre_att = "T1505.003"
        id = "52b7de74-d070-5189-ab63-ba2177555475"
    strings:
        $host = "gethostbyaddr("
        $eng = /["'\/|(.](googlebot|google|crawl\.yahoo|search\.msn|bingbot|baidu|yandex)(\\?\.com)?["'\/|)]/ nocase
        $show = /\b(include|require|readfile|echo\s?\(?file_get_contents|eval)(_once)?\b[\s(]{1,4}["'$]/
        $fetch = /(file_get_contents|curl_exec|curl_init|fsockopen)\s?\(/
        $fp1 = /\b(namespace|class) \w{1,40}\s?[;{\\]/
    condition:
        filesize < 20KB
        and $host
        and $eng
        and $show
        and $fetch
        and not $fp1
}

rule WEBSHELL_PHP_Hidden_Link_Block {
    meta:
        description = "Detects PHP that prints a block of links placed outside of the visible page (negative offset, zero size) whose text was decoded or fetched"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/essentials/spam-policies"
        mitre_att = "T1505.003"
        id = "12dad410-d614-53fa-b33f-1093f0231e1b"
    strings:
        $div = /<div[^>]{0,60}style=\\?["'][^"'>]{0,80}(left|top|text-indent|margin-left)\s?:\s?-\d{3,5}(px|em)?/ nocase
        $div0 = /<(div|font|marquee)[^>]{0,60}style=\\?["'][^"'>]{0,60}(height|width)\s?:\s?[01]px[^"'>]{0,60}overflow\s?:\s?(hidden|auto)/ nocase
        $get = /(echo|print|\.)\s{0,4}@?(base64_decode|gzinflate|file_get_contents|curl_exec|gzuncompress|str_rot13)\s?\(/
        $fetch = /\$\w{1,30}\s?=\s?@?(file_get_contents|curl_exec)\s?\(\s?["'$][^;]{2,80};[^;]{0,80}\b(echo|print)\b/
    condition:
        filesize < 60KB
        and any of ($div, $div0)
        and any of ($get, $fetch)
}

rule WEBSHELL_PHP_Cloak_Numeric_Hosts {
    meta:
        description = "Detects PHP that fetches from several scripts on hosts given by number and looks at the agent, referrer or address of the visitor, as spam proxies do"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developers.google.com/search/docs/essentials/spam-policies"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "aa9861c7-09bc-52be-bc10-bce1f269fab1"
    strings:
        $url = /["']http:\/\/[1-9]\d{1,2}\.\d{1,3}\.\d{1,3}\.\d{1,3}\/[^"'\n]{1,60}\.php["'?]/
        $src = /HTTP_(USER_AGENT|REFERER)|REMOTE_ADDR/
        $get = /(curl_exec|file_get_contents|fsockopen) ?\(/
        $local = /http:\/\/(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/
    condition:
        filesize < 100KB
        and #url > 1
        and $src
        and $get
        and not $local
}

rule WEBSHELL_PHP_Concealed_Address {
    meta:
        description = "Detects PHP that fetches from an address which stands in the file only as base64, hexadecimal or rotated text, so that no search for hosts finds it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1027/"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        mitre_att = "T1027"
        id = "2ecff854-0a55-5f9b-9ea4-921f77138e43"
    strings:
        $a = /(CURLOPT_URL, ?|curl_init\( ?|file_get_contents\( ?@?|fsockopen\( ?|fopen\( ?|readfile\( ?)(base64_decode\(["\']|str_rot13\(["\']|hex2bin\(["\']|strrev\(["\'])[A-Za-z0-9+\/=:.]{12}/
    condition:
        filesize < 200KB
        and $a
}
