// suppress: P003, P016 -- one shape is several expressions, but only its rarest is
// searched everywhere, and the benchmark counts what that costs

// Helpers found beside shells: database tools, finders, exploit scripts,
// senders and pages that serve an intruder's work on the site.

rule WEBSHELL_PHP_Command_Console_Page {
    meta:
        description = "Detects short PHP pages with a command field whose posted value, held in a variable, is run and shown in a pre or textarea element"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1059/004/"
        mitre_att = "T1505.003"
        mitre_att = "T1059.004"
        id = "75175b5c-ede3-5ce3-85c6-9879a619dc59"
    strings:
        $in = /\$(_[GPRC]|HTTP_|this->cmd)/
        $x = /(system\(|system \(|exec\(|exec \(|passthru\(|passthru \(|popen\(|popen \(|proc_open\(|proc_open \()["']?\$((cmd|command|c|comando|exec|shell|code|ejecutar|komut|do|run|input)\b|this->(cmd|command))/ nocase
        $ui = /(<form|<textarea|<pre|<input)/ nocase
        $fp1 = /escapeshell|switch ?\(/
    condition:
        filesize < 40KB
        and all of ($in, $x, $ui)
        and not $fp1
}

rule WEBSHELL_PHP_Sql_Client {
    meta:
        description = "Detects single-file PHP database clients that take host, user, password and free SQL text from a form, often left for dumping tables"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1005/"
        mitre_att = "T1505.003"
        mitre_att = "T1005"
        id = "69804f7e-cc81-58fe-a02a-a5c6378f7ab7"
    strings:
        $c = /(mysqli?_connect|mysql_pconnect|new\s{1,3}PDO|pg_connect|mssql_connect|oci_connect|odbc_connect|sqlsrv_connect)\s?\(\s?[^;]{0,80}(\$_(POST|GET|REQUEST|COOKIE|SESSION)|\$(host|dbhost|db_host|server|HOSTNAME|sqlhost|mysql_host|tb?host)\b)/ nocase
        $q = /quer\w{1,2} ?\( ?[^;]{0,40}(stripslashes ?\( ?)?(\$_(POST|GET|REQUEST)|\$(query|sql|queryStr|sqlquery|q)\b)/ nocase
        $d = /(show\s{1,2}databases|show\s{1,2}tables|mysql_list_dbs|mysql_list_tables|list_tables|load_file|into\s{1,2}outfile|information_schema)/ nocase
        $f = /(name\s?=\s?\\?["']?(sql_?host|db_?host|hostname|server|sql_?query|queryStr|db_?user|db_?pass|dbuname|user(name)?))/ nocase
        $fp1 = /namespace |@package|\bextends\b|wp-config|Adminer|phpMyAdmin|Installer|installer/
        $c2 = /(mysqli?_connect|new mysqli|new PDO) ?\([^;]{0,40}\$_(POST|GET|REQUEST|COOKIE) ?\[/
        $q2 = /query ?\([^;]{0,30}\$_(POST|GET|REQUEST|COOKIE) ?\[/
    condition:
        filesize < 150KB
        and (all of ($c, $q, $d, $f) or (filesize < 3KB and $c2 and $q2))
        and not $fp1
}

rule SUSP_PHP_Exploit_Script {
    meta:
        description = "Detects PHP command-line exploits and vulnerability checkers: banner, target argument, raw request with injected SQL or script in its path"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1595/002/"
        reference = "https://attack.mitre.org/techniques/T1595/002/"
        mitre_att = "T1595.002"
        id = "9fae3e04-d90c-5bdd-9901-190a7a8fde47"
    strings:
        $b = /(\$argv\s?\[\s?[12]\s?\]|\$argc\b|Usage\s?:|usage\s?\()/
        $w = /(0day|exploit|sql\sinjection|injection|google\sdork|inurl:|dork|getshell|get\sshell|poc\b|vuln)/ nocase
        $r = /(GET|POST)\s[\/$"'{][^"\n]{0,160}(\\r\\n|HTTP\/1\.)|union\s{1,3}(all\s{1,3})?select|concat\s?\(\s?0x|CURLOPT_POSTFIELDS/ nocase
        $n = /(fsockopen|curl_exec|file_get_contents|pfsockopen)\s?\(\s?["'$@]/
        $php = "<?"
        $e = /(print_r?\s?\(?\s?["'][\s\n\\r]{0,6}[+\-=*#_|]{10}|echo\s?["'][\s\n\\]{0,4}[+\-=*#_|]{10}|Author\s?:|by\s\w{3,20}\s?[@<(\[])/
        $fp1 = /namespace |@package|@covers|PHPUnit/
    condition:
        filesize < 60KB
        and $php
        and all of ($b, $w, $r, $n, $e)
        and not $fp1
}

rule SUSP_PHP_Admin_Finder {
    meta:
        description = "Detects PHP that tries lists of administration pages, backup files or known shells on foreign sites"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1595/003/"
        reference = "https://attack.mitre.org/techniques/T1595/003/"
        mitre_att = "T1595.003"
        id = "f7ace9fc-b16d-57a8-b2f9-c090b94326e4"
    strings:
        $l = /(["'\s,\/]admin\/(login|index|admin|cp|account|home)\.(php|asp|html)["'\s,]?.{0,4}){3}/ nocase
        $l2 = /(c99\.php|r57\.php|shell\.php|wso\.php|webadmin\.php|uploader\.php|b374k\.php)["'\s,|]/ nocase
        $g = /(get_headers|curl_exec|file_get_contents|fsockopen|fopen)\s?\(/
        $p = /\$(_[GPR]|argv)/
        $fp1 = /return \[|Disallow|namespace /
    condition:
        filesize < 200KB
        and ($l or #l2 > 1)
        and $g
        and $p
        and not $fp1
}

rule WEBSHELL_PHP_Fetch_Url_To_Disk {
    meta:
        description = "Detects short PHP forms that copy a file from an address given by the visitor into the folder of the script"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1105/"
        mitre_att = "T1505.003"
        mitre_att = "T1105"
        id = "6a13d8b0-c5ee-5cd6-bc2a-1883392d2443"
    strings:
        $u = /\$\w{1,20}\s?=\s?@?(trim\s?\(\s?)?\$_(POST|GET|REQUEST)\s?\[\s?["']?(url|link|u|remote|src|source|file_url|uploadurl|fetch|from)["']?\s?\]/ nocase
        $o = /fopen\s?\(\s?\$\w{1,20}\s?,\s?["']rb?["']\s?\)/
        $w = /fopen\s?\(\s?\$\w{1,20}\s?,\s?["']wb?\+?["']\s?\)/
        $l = /fwrite\s?\(\s?\$\w{1,20}\s?,\s?fread\s?\(/
        $c = /\bcopy\s?\(\s?\$(_(POST|GET|REQUEST)\s?\[[^\]]{1,20}\]|url|link|src|remote)\s?,|file_put_contents\s?\([^;]{1,60},\s?@?(file_get_contents|fopen)\s?\(\s?\$(_(POST|GET|REQUEST)|url|link|src|remote)/ nocase
        $b = /basename\s?\(|pathinfo\s?\(|DIRECTORY|\$_(POST|GET|REQUEST)/
        $fp1 = /namespace |@package|getimagesize|\bclass |\bextends\b|mime/
    condition:
        filesize < 6KB
        and $u
        and $b
        and (($o and $w and $l) or $c)
        and not $fp1
}

rule WEBSHELL_PHP_Plugin_Or_Theme_Backdoor {
    meta:
        description = "Detects code in themes and plug-ins that creates an administrator, logs in as the first user or hides itself from the list, steered by a request"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://developer.wordpress.org/reference/functions/wp_create_user/"
        mitre_att = "T1505.003"
        mitre_att = "T1136"
        id = "117e4921-97f0-5500-b7fd-74ca5dd9eda8"
    strings:
        $c = /(wp_create_user|wp_insert_user)\s?\(/
        $r = /(set_role\s?\(\s?["']administrator["']|["']role["']\s?=>\s?["']administrator["'])/
        $g = /if\s?\(\s?(isset\s?\(\s?|!?empty\s?\(\s?|md5\s?\(\s?)?\$_(GET|POST|REQUEST|COOKIE)\s?\[\s?["'][^"']{1,30}["']\s?\]\s?\)?\s?(={2,3}\s?["'][^"']{1,40}["']\s?)?\)?/
        $l = /(wp_set_auth_cookie|wp_set_current_user)\s?\(/
        $h = /(pre_user_query|all_plugins|pre_get_users)["']\s?,/
        $u = /unset\s?\(\s?\$\w{1,20}\s?\[\s?(plugin_basename|["'][\w\/-]{1,60}\.php["'])|user_login\s?!=\s?["'\\]|ID\s?!=|NOT\sIN/
        $fp1 = /@package\s{1,3}\w|wp_verify_nonce|check_admin_referer|current_user_can|WP_CLI/
        $load = /(wp-load|wp-blog-header)\.php["']/
    condition:
        filesize < 60KB
        and (
            ($c and $r and any of ($g, $h))
            or (filesize < 4KB and $l and any of ($g, $load))
            or (filesize < 4KB and $c and $r and $load)
            or ($h and $u and ($c or $l))
        )
        and not $fp1
}

rule WEBSHELL_PHP_Options_Stored_Code {
    meta:
        description = "Detects PHP that reads code out of the database or a cache (options, transients, comments, posts) and runs it"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1027/"
        mitre_att = "T1505.003"
        mitre_att = "T1027"
        id = "20f4cf03-6026-5d72-8d56-d6a487d9f467"
    strings:
        $a = /\b(eval|assert|create_function)[\s(@]{1,6}["'?>.\s]{0,6}(base64_decode\s?\(\s?|gzinflate\s?\(\s?|unserialize\s?\(\s?)?(get_option|get_transient|get_post_meta|get_site_option|variable_get|apc_fetch|apcu_fetch|Mage::getStoreConfig|\$wpdb->get_var)\s?\(/
        $b = /\$\w{1,20}\s?=\s?(get_option|get_transient|apc_fetch|variable_get)\s?\([^;]{1,80};[^;]{0,80};?\s{0,6}@?(eval|assert)\s?\(/
        $c = /(eval\(|eval \(|assert\()[\s@"'?>.]{0,6}\$(row|res|result|data|r)\s?(\[|->)/
        $d = /(mysqli?_fetch|->fetch|get_row|get_results)/
    condition:
        filesize < 60KB
        and ($a or $b or ($c and $d and filesize < 5KB))
}

rule SUSP_PHP_Ip_Gated_Debug {
    meta:
        description = "Detects PHP that offers phpinfo, commands or errors to one fixed address or password only, a habit of planted diagnostic pages"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 55
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/function.phpinfo.php"
        mitre_att = "T1505.003"
        id = "693ab371-f858-5092-afb7-b9fd5344345e"
    strings:
        $a = /if ?\( ?\$_(GET|POST|REQUEST|COOKIE)\[["']?\w{1,20}["']?\] ?={2,3} ?["'][^"']{1,40}["'] ?\)\s{0,3}\{?\s{0,6}@?(phpinfo\(|eval\(|system\(|passthru\(|shell_exec\(|assert\()/
        $b = /["']REMOTE_ADDR["'] ?\] ?[!=]={1,2} ?["']\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}["'][^;]{0,40};?[^;]{0,40}(eval\(|system\(|passthru\(|shell_exec\(|assert\()/
        $run = /(phpinfo\(|eval\(|system\(|passthru\(|shell_exec\(|assert\()/
    condition:
        filesize < 20KB
        and $run
        and any of ($a, $b)
}

rule WEBSHELL_PHP_Exec_Without_Php_Function {
    meta:
        description = "Detects back-tick operators of PHP around request data or variables filled from it, also inside of echo tags"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/language.operators.execution.php"
        mitre_att = "T1505.003"
        mitre_att = "T1059.004"
        id = "05b5bc4b-95d8-5218-9715-4c55dd52604b"
    strings:
        $a = /[=(@\w] ?`[^`\n]{0,60}\$\{?_(GET|POST|REQUEST|COOKIE|SERVER\[["']?HTTP_)\b\}?[\[{\w][^`\n]{0,60}`/
        $b = /(<\?=`|<\?= `|<\?php `|echo `|print `)\{?\$\w{1,20}[^`\n]{0,40}`/
        $fp1 = /(SELECT|INSERT|UPDATE|CREATE|ALTER|FROM|@package)\s/
    condition:
        filesize < 20KB
        and any of ($a, $b)
        and not $fp1
}
