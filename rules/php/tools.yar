// suppress: P003, P016 -- one shape is several expressions, but only its rarest is
// searched everywhere, and the benchmark counts what that costs

// Tools that are brought along once a server is open: mass mailers, scanners,
// floods, defacement, credential theft, connect-back and proxies.

rule WEBSHELL_PHP_Mailer_Recipient_Loop {
    meta:
        description = "Detects PHP that splits a posted list of recipients by line and mails each of them a posted message, the core of every planted mass mailer"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.mail.php"
        mitre_att = "T1505.003"
        id = "eb232023-42ca-5eb9-a64e-2810cd59f379"
    strings:
        $split = /(explode|split|preg_split)\s?\(\s?(["'](\\r)?\\n["']|["'];["']|["'],["']|PHP_EOL|["']\/\[\\r\\n\]\+\/["'])\s?,\s?(trim\s?\(\s?)?(\$_(POST|REQUEST)|\$(emails?|email_?list|emaillist|mails?|to|lista?|allemails|recipients|maillist))/ nocase
        $mail = /[\s@(!]mail\s?\(\s?\$(\w{1,20}|_POST\[[^\]]{1,20}\])(\[\$\w{1,5}\])?\s?,\s?/ nocase
        $area = /<textarea[^>]{0,120}name=\\?["']?(e?mail_?list|emails?|lista?|to|wysyl|mails?|recipients|victims?)["'\\\s>]/ nocase
        $post = /\$_(POST|REQUEST)\s?\[/
        $fp1 = /\b(namespace|class) \w{1,40}\s?[;{\\]/
    condition:
        filesize < 120KB
        and $mail
        and $post
        and ($split or $area)
        and not $fp1
}

rule WEBSHELL_PHP_Mailer_Form_Fields {
    meta:
        description = "Detects the form of planted mass mailers by their field names: sender name and address, reply-to, letter, list of addresses, wait and encoding"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1566/"
        mitre_att = "T1505.003"
        id = "2323744e-b1da-5ac3-bd97-a85792b8cf1b"
    strings:
        $a = /=\\?["']?(realname|sender_?name|nama|from_?name)["'\\\s>]/ nocase
        $b = /=\\?["']?(emaillist["'\\ >]|email_list["'\\ >]|emailslist["'\\ >]|emails_list["'\\ >]|maillist["'\\ >]|mailist["'\\ >]|senderEmail["'\\ >]|sender_email["'\\ >])/ nocase
        $c = /=\\?["']?(letter|messageLetter|messageSubject|amount|testa|wait|reconnect|encode|charset|xmailer)["'\\\s>]/ nocase
        $d = /=\\?["']?(replyto|reply_to|contenttype|smtp_?username|epriority|alternative)["'\\\s>]/ nocase
        $mail = /([\s@(!]mail\s?\(|->Send\(|fsockopen\s?\(|PHPMailer)/
        $php = "<?"
    condition:
        filesize < 500KB
        and $php
        and $mail
        and $b
        and 2 of ($a, $c, $d)
}

rule SUSP_PHP_Mailer_Names {
    meta:
        description = "Detects names and captions of mass mailers and address sorters that are sold and shared for planting on compromised web servers"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1566/"
        mitre_att = "T1505.003"
        id = "6de97187-3eae-551d-b2c4-eb10c9e69850"
    strings:
        $a = /(leafmailer|leaf mailer|promailer|pro mailer|priv8mailer|priv8 mailer|alexusmailer|alexus mailer|inboxmailer|inbox mailer|ultimatemailer|ultimate mailer|xboxmailer|xbox mailer|blackmailer|black mailer|ghostmailer|ghost mailer|kingmailer|king mailer|darkmailer|dark mailer|spammailer|spam mailer|turbomailer|turbo mailer|anonymousmailer|anonymous mailer|php massmailer|php mass mailer)\s?(v?\d|by\s|inbox)/ nocase
        $b = /(e?mails?|addresses)\s?(sorter by|sorter v\d|sorter priv8|sorter tool|extractor by|extractor v\d|extractor priv8|separator by|separator v\d|filter by )/ nocase
        $c = /(email [b]omber|mail [b]omber|inbox [s]ender|smtp (cracker|checker|scanner) [b]y)/ nocase
        $post = /\$_[GPR]/
    condition:
        filesize < 400KB
        and $post
        and any of ($a, $b, $c)
}

rule SUSP_PHP_Address_List_Sorter {
    meta:
        description = "Detects small PHP forms that sort pasted mail addresses by provider, a helper of spammers that is left behind on compromised servers"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1566/"
        mitre_att = "T1505.003"
        id = "d5d3cc8f-fd81-515f-a4c6-e75b72d991ea"
    strings:
        $split = /(explode|preg_split|split)\s?\(\s?["'](\\r)?\\n["']\s?,\s?(trim\s?\(\s?)?\$/
        $m1 = /@?(gmail|googlemail)/ nocase
        $m2 = /@?(yahoo|ymail|rocketmail)/ nocase
        $m3 = /@?(hotmail|outlook|live\.com|msn)/ nocase
        $m4 = /@?(aol\.|comcast|t-online|icloud|gmx)/ nocase
        $area = "<textarea"
        $post = /\$_(POST|REQUEST)\s?\[/
        $fp1 = /namespace |@package|\bclass |mysql|->query/
    condition:
        filesize < 20KB
        and $split
        and $area
        and $post
        and 3 of ($m*)
        and not $fp1
}

rule WEBSHELL_PHP_Flood_Tool {
    meta:
        description = "Detects PHP that floods an address given by the request with datagrams or connections until a time limit is reached"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1498/"
        mitre_att = "T1505.003"
        mitre_att = "T1498"
        id = "941e5842-399c-5dac-851e-612be51b35f3"
    strings:
        $udp = /(fsockopen|pfsockopen|stream_socket_client)\s?\(\s?["'](udp:\/\/|tcp:\/\/)["']?\s?\.?\s?\$/ nocase
        $loop = /(while|for)\s?\(\s?(1|true|;;|time\(\)|\$\w{1,20}\s?(<|>|--|\+\+))[^{;]{0,60}\)?/ nocase
        $host = /\$\w{1,20}\s?=\s?@?\$_(GET|POST|REQUEST)\s?\[\s?["']?(host|ip|target|port|time|ddos|phpid)/ nocase
        $port = /rand\s?\(\s?1\s?,\s?65\d{3}\s?\)/ nocase
        $w = /f(write|puts)\s?\(/
    condition:
        filesize < 60KB
        and $udp
        and $w
        and $loop
        and any of ($host, $port)
}

rule WEBSHELL_PHP_Port_Or_Host_Scanner {
    meta:
        description = "Detects PHP web forms that scan ports or address ranges given by the request, a usual part of shells and of tools beside them"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1046/"
        mitre_att = "T1505.003"
        mitre_att = "T1046"
        id = "0d751290-e6bf-5df4-bc1e-2a1eb8506787"
    strings:
        $sock = /(fsockopen|socket_connect|stream_socket_client)\s?\(\s?\$\w{1,20}/ nocase
        $list = /(21\s?,\s?22\s?,\s?23|21\|22\|23\|25|80\s?,\s?8080|["']3306["']?\s?[,=|]|1433[,|]|43958)/
        $scan = /(port\s?scan|scan\s?ports?|scanport|ipscan|startip|start_ip|ports?\[\]|端口)/ nocase
        $in = /\$_(GET|POST|REQUEST)\s?\[/
        $loop = /\b(for|foreach|while)\s?\(/
        $fp1 = /\b(namespace|class) \w{1,40}\s?[;{\\]/
    condition:
        filesize < 60KB
        and all of ($sock, $list, $scan, $in, $loop)
        and not $fp1
}

rule WEBSHELL_PHP_Mass_Deface {
    meta:
        description = "Detects PHP that overwrites the start pages of all sites of a server, by walking home folders or the list of users"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1491/002/"
        mitre_att = "T1505.003"
        mitre_att = "T1491.002"
        id = "5d3ab842-65e3-56d7-8b5b-b0af1778d55e"
    strings:
        $a = /mass\s?-?\s?(deface|defacement|defacer)/ nocase
        $b = /["'\/](index\.(php|html?|asp)|home\.html|default\.(html?|asp))["']/ nocase
        $c = /(scandir|opendir|glob|\/etc\/passwd|\/etc\/named\.conf|\/etc\/valiases)/
        $w = /(file_put_contents|fwrite|fputs|copy|rename)\s?\(/
        $php = "<?"
        $h = /hacked by|owned by|defaced by/ nocase
        $home = /(scandir|opendir|glob) ?\( ?["']\/(home|var\/www)/
    condition:
        filesize < 400KB
        and $php
        and $b
        and $w
        and (($a and $c) or ($h and $home))
}

rule WEBSHELL_PHP_Defacement_Page {
    meta:
        description = "Detects defacement pages by their formulas (hacked by, owned by, greets) together with the usual decoration, or as script that writes itself"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1491/002/"
        reference = "https://attack.mitre.org/techniques/T1491/002/"
        mitre_att = "T1491.002"
        id = "070e0cdc-9bcc-5333-b8cd-7e784dab6b56"
    strings:
        $t = /<title>[^<]{0,40}(hacked|h4cked|hack3d|defaced|0wned|owned|pwned)\s?(by|!)/ nocase
        $g = /(greet[sz]|gr33tz|we\sare\s|security\sis\s(just\s)?an?\s(illusion|joke)|no\ssystem\sis\ssafe|expect\sus|your\ssecurity)/ nocase
        $d = /(<marquee|<audio|<embed|youtube\.com\/(v|embed)|oncontextmenu|document\.title|bgcolor=["']?(#?000|black)|background(-color)?\s?:\s?(#000|black))/ nocase
    condition:
        filesize < 300KB
        and $t
        and ($g or $d)
}

rule WEBSHELL_PHP_Config_Grabber {
    meta:
        description = "Detects PHP that collects database passwords of all sites of a server by links or copies of the known configuration files"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1552/001/"
        mitre_att = "T1505.003"
        mitre_att = "T1552.001"
        id = "03c7c081-77b3-5f16-b7d6-f2ebe83f0c3b"
    strings:
        $c1 = "wp-config.php"
        $c2 = /configuration\.php|configuration-dist/ nocase
        $c3 = /(whmcs|clientarea|client|billing|support|whm)\/configuration\.php/ nocase
        $c4 = /(vb|forum)\/includes\/config\.php/ nocase
        $c5 = /(conf_global|settings\/settings|sites\/default\/settings|includes\/configure)\.php/ nocase
        $pw = /(\/etc\/passwd|\/etc\/valiases|named\.conf|\/home\/["']?\s?\.\s?\$)/
        $link = /(symlink\s?\(|ln\s-s\s|\bcopy\s?\(|file_get_contents\s?\(|\bshow_source\s?\()/
    condition:
        filesize < 500KB
        and 3 of ($c*)
        and $pw
        and $link
}

rule WEBSHELL_PHP_Symlink_Bypass {
    meta:
        description = "Detects PHP that makes a folder with links to the root or to foreign homes, together with an .htaccess that shows scripts as text"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://httpd.apache.org/docs/2.4/mod/core.html#options"
        mitre_att = "T1505.003"
        mitre_att = "T1083"
        id = "19756453-fb66-528c-a725-c3ad5d6cd06e"
    strings:
        $link = /(symlink\s?\(\s?["']\/["']|ln\s-s\s\/[\s"';]|symlink\s?\(\s?["']\/home)/
        $opt = /Options\s(Indexes\sFollowSymLinks|\+?FollowSymLinks|all)/ nocase
        $txt = /(AddType\s(text\/plain|txt)\s\.php|AddHandler\s(txt|text\/plain|server-parsed)\s\.php|ForceType|DirectoryIndex\s\w{2,12}\.html?)/ nocase
        $php = "<?"
    condition:
        filesize < 500KB
        and $php
        and $link
        and any of ($opt, $txt)
}

rule WEBSHELL_PHP_Safe_Mode_Bypass {
    meta:
        description = "Detects PHP that tries to get around safe_mode, open_basedir or disable_functions by known tricks (putenv with a library, copy through compress.zlib, imap, ini files)"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/ini.core.php#ini.open-basedir"
        mitre_att = "T1505.003"
        mitre_att = "T1562.001"
        id = "11f7f9a1-fecd-5d84-8fd3-c0836a693920"
    strings:
        $a = /putenv\s?\(\s?["']LD_PRELOAD=/
        $b = /copy\s?\(\s?["']compress\.zlib:\/\/["']\s?\.\s?\$/
        $c = /imap_open\s?\(\s?["'](\/etc\/passwd|\{[^}]{0,60}ProxyCommand)/
        $d = /(disable_functions|safe_mode|open_basedir)\s?=\s?(none|off|\\n|["'])[^;]{0,40}php\.ini/ nocase
        $e = /ini_set\s?\(\s?["']open_basedir["']\s?,\s?["']\.\.["']/
        $f = /(safe[\s_-]?mode|open_basedir|disable_functions)\s?(bypass|breaker|exploit|by\s?pass)/ nocase
        $g = /(imap_mail|error_log|mail|mb_send_mail)\s?\(\s?["']?[^;]{0,60};?[^;]{0,40}(LD_PRELOAD)/
        $in = /\$(_[GPRCFS]|HTTP_)/
    condition:
        filesize < 500KB
        and (any of ($a, $b, $e, $g) or ($in and any of ($c, $d, $f)))
}

rule WEBSHELL_PHP_MySQL_UDF_Tool {
    meta:
        description = "Detects PHP that installs a user-defined function library through MySQL to run commands on the database server (dumpfile into the plug-in folder)"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://dev.mysql.com/doc/refman/8.0/en/adding-loadable-function.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "30bbaaf3-1803-5d2f-add7-357df755b11b"
    strings:
        $a = /(returns string soname|returns integer soname|returns int soname)/ nocase
        $b = /(udf\.dll|_udf\.dll|langouster|moonudf|lib_mysqludf_sys|sys_eval|sys_exec|cmdshell|backshell|downloader|myudf)/ nocase
        $c = /into\s{1,3}dumpfile/ nocase
        $d = /(mysql_query|mysqli_query|->query|mysql_connect)\s?\(/
        $php = "<?"
    condition:
        filesize < 1MB
        and $php
        and $d
        and ($a or ($b and $c))
}

rule WEBSHELL_PHP_Connect_Back_Process {
    meta:
        description = "Detects PHP that connects to a remote address and joins the socket with a shell process, the reverse shell in its PHP form"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.004"
        id = "9ca3cf5f-5acd-5512-b217-4d2cb2930af1"
    strings:
        $sock = /(fsockopen|pfsockopen|stream_socket_client|socket_connect)\s?\(/
        $proc = /(proc_open|popen|shell_exec|exec|pcntl_exec|system|passthru)\s?\([^;]{0,80}(\/bin\/(ba)?sh|sh\s-i|cmd(\.exe)?["'\s]|bash\s-i|\$shell|<&3|\$(s|sock|cmd|buf|data|out|input|response)\b)/ nocase
        $pipe = /(stream_select|\$pipes\[|stream_set_blocking|socket_read|fgets\s?\(\s?\$(s|sock|fp|f)\b|0\s?=>\s?\$(s|sock|fp))/ nocase
        $one = /fsockopen\s?\(\s?["'][^"']{3,60}["']\s?,\s?\d{2,5}\s?\)\s?;\s?(\$\w{1,8}\s?=\s?)?@?(exec|shell_exec|system|passthru|popen|proc_open|`)/
        $shell = /uname\s-a;\s?w;\s?id;|\/bin\/sh\s-i["']/
        $fp1 = /namespace |@package|phpunit/ nocase
        $dev = /(system\(|exec\(|passthru\(|popen\(|proc_open\()["'][^\n]{0,60}\/dev\/(tcp|udp)\//
        $answer = /(socket_write|fwrite|fputs) ?\( ?\$\w{1,12} ?, ?(shell_exec\(|shell_exec \(|`\$)/
    condition:
        filesize < 60KB
        and (($sock and $proc and $pipe) or $one or $dev or ($sock and any of ($shell, $answer)))
        and not $fp1
}

rule WEBSHELL_PHP_Bot_IRC {
    meta:
        description = "Detects bots for Internet Relay Chat written in PHP: join and private messages together with commands and floods"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1071/"
        mitre_att = "T1505.003"
        mitre_att = "T1071"
        id = "5970d6a5-e600-52f9-b7da-9b3b3c5946c1"
    strings:
        $p1 = "PRIVMSG"
        $p2 = /(JOIN|NICK|PONG|USER)\s/
        $s = /(fsockopen|socket_connect|stream_socket_client)\s?\(/
        $x = /\b(exec|shell_exec|system|passthru|popen|eval)\s?\(\s?\$/
        $f = /(udpflood|tcpflood|httpflood|udp:\/\/|conback|\.(flood|exec|sexec|eval|die|download)\b)/ nocase
        $fp1 = "namespace "
    condition:
        filesize < 200KB
        and $p1
        and $p2
        and $s
        and $x
        and $f
        and not $fp1
}

rule WEBSHELL_PHP_Payment_Skimmer {
    meta:
        description = "Detects PHP that stores posted payment or login data of a shop in a picture file or sends them elsewhere, as skimmers on shop servers do"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1056/"
        mitre_att = "T1505.003"
        mitre_att = "T1056"
        id = "03b71272-78c8-585e-b1a3-bfa30df0d9f8"
    strings:
        $b = /(cc_num|cvv|checkout|onepage)[^"'\n]{0,30}["'] ?, ?[^;]{0,40}\$_(POST|REQUEST|SERVER)[^;]{0,100}(file_put_contents|curl_exec|mail|fsockopen) ?\(/ nocase
        $c = /(CURLOPT_POSTFIELDS[^;]{0,80}|[\s@]mail ?\([^;]{0,120})(cc_number|cc_cid|cvv|card_?number|cardnum|cc_exp)/ nocase
        $d = /if\s?\(\s?md5\s?\(\s?@?\$_COOKIE\s?\[[^\]]{1,30}\]\s?\)\s?={2,3}\s?["'][0-9a-f]{32}/
        $e = /if\s?\(\s?!?\s?isset\s?\(\s?\$_COOKIE\s?\[\s?["'][0-9a-f]{32}["']\s?\]\s?\)\s?\)\s?\{?\s?(header\s?\(\s?["']HTTP|die|exit)/ nocase
        $post = /(base64_encode\(\$_POST|base64_encode\(\$_REQUEST|serialize\(\$_POST|serialize\(\$_REQUEST|json_encode\(\$_POST|json_encode\(\$_REQUEST|gzcompress\(\$_POST|gzcompress\(\$_REQUEST|print_r\(\$_POST|print_r\(\$_REQUEST|http_build_query\(\$_POST|http_build_query\(\$_REQUEST)/
        $pic = /(\.jpe?g["']|\.gif["']|\.png["']|\.ico["']|\.css["'])/
        $card = /cc_num|cc_cid|cvv|cc_exp|cardnum|card_num|onepage/
    condition:
        filesize < 500KB
        and (($post and $pic) or ($card and any of ($b, $c)) or $d or $e)
}

rule WEBSHELL_PHP_Login_Form_Theft {
    meta:
        description = "Detects PHP that mails or stores user name and password of a form and then sends the visitor on to the genuine site, as phishing kits do"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1056/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1056.003"
        id = "20efe08e-56cb-5943-8c8b-4fac6ca5c871"
    strings:
        $pw = /\$_(POST|REQUEST)\s?\[\s?["']?(pass(wd|word)?|passw0rd|pwd|senha|clave|login_pass\w{0,6}|Passwd|pass2|psw)["']?\s?\]/ nocase
        $ip = /(REMOTE_ADDR|geoplugin|ip-api|getenv\s?\(\s?["']HTTP_CLIENT_IP)/
        $send = /([\s@]mail\s?\(\s?["'$]|fwrite\s?\(|fputs\s?\(|api\.telegram\.org\/bot|file_put_contents\s?\()/
        $cap = /(-{3,}|={3,}|\+{3,}|\|{2,}|>>>|<<<)[^"'\n]{0,40}(login|result|rezult|re[sz]ul[tz]|info|log|user|mail|pass|ip)/ nocase
        $go = /header\s?\(\s?["']\s?Location\s?:|http-equiv=["']?refresh|window\.location/ nocase
        $fp1 = /namespace |@package|\bclass |->query|mysqli?_/
        $drop = /\bmail ?\( ?["'][\w.+-]{3,40}@(gmail|yahoo|hotmail|yandex|outlook|protonmail)\.\w{2,3}["']/ nocase
    condition:
        filesize < 12KB
        and $ip
        and (($pw and $send and $cap and $go) or ($drop and ($pw or filesize < 2KB)))
        and not $fp1
}

rule SUSP_PHP_Chat_Bot_Exfiltration {
    meta:
        description = "Detects PHP that sends form data, cookies or server details to a chat bot interface (Telegram, Discord) with the token in the text"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1567/"
        reference = "https://attack.mitre.org/techniques/T1567/"
        mitre_att = "T1567"
        id = "f172f521-e140-53c0-8af8-a31362aa1a2d"
    strings:
        $tg = /api\.telegram\.org\/bot\d{6,12}:[A-Za-z0-9_-]{30,40}/
        $tg2 = /["']\d{5,11}\d:AA[A-Za-z0-9_-]{30,40}["']/
        $dc = /discord(app)?\.com\/api\/webhooks\/\d{10,20}\/[A-Za-z0-9_-]{30}/
        $d = /\$_(POST|COOKIE|REQUEST)\b|HTTP_HOST|php_uname|SERVER_NAME/
        $php = "<?"
    condition:
        filesize < 100KB
        and $php
        and $d
        and any of ($tg, $tg2, $dc)
}

rule WEBSHELL_PHP_Recon_Commands {
    meta:
        description = "Detects PHP that runs several commands by which an intruder finds out where he is: system name, user, working folder, accounts, network"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1082/"
        mitre_att = "T1505.003"
        mitre_att = "T1082"
        id = "d9d958e9-94b2-51e8-8247-feb9c728ea74"
    strings:
        $a = /(exec\(|system\(|passthru\(|popen\()["'](uname -a|id|whoami|pwd|ifconfig|netstat|ipconfig|cat \/etc\/passwd|w|hostname|ps aux|date)["']/
    condition:
        filesize < 100KB
        and #a > 2
}

rule WEBSHELL_PHP_Mail_By_Encoded_Fields {
    meta:
        description = "Detects PHP that mails what encoded request fields say: recipient, subject, text and headers, the relay that spam servers plant"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.mail.php"
        mitre_att = "T1505.003"
        id = "a308b3b6-2ad0-57f2-9196-4ece9f6b3bb5"
    strings:
        $f = /base64_decode ?\( ?@?\$_(POST|REQUEST|GET) ?\[/
        $mail = /\bmail ?\( ?(\$|base64_decode)/
    condition:
        filesize < 20KB
        and #f > 2
        and $mail
}

rule WEBSHELL_PHP_Mail_By_Socket {
    meta:
        description = "Detects PHP that speaks the mail protocol itself to recipients of a posted list, the sender of spammers where the mail function is switched off"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1566/"
        mitre_att = "T1505.003"
        id = "becdb1a4-6799-5917-89b8-df73b7bf6d1a"
    strings:
        $rcpt = /["']RCPT TO:? ?<?["']? ?\.? ?<?["']? ?\{?\$/ nocase
        $sock = /(fsockopen|stream_socket_client) ?\(/
        $post = /\$_(POST|REQUEST) ?\[["']?(list|emails?|emaillist|to|mails?|smtp|host|body|message|letter)/
    condition:
        filesize < 60KB
        and all of them
}
