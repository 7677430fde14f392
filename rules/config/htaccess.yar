// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Per-directory server settings that turn files into programs, hide or guard
// a shell, or send visitors elsewhere.

rule WEBSHELL_Config_Htaccess_Is_Shell {
    meta:
        description = "Detects .htaccess files that hold script themselves: the file is opened to visitors, mapped to an interpreter, and its comment lines carry the code"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://httpd.apache.org/docs/2.4/howto/htaccess.html"
        mitre_att = "T1505.003"
        mitre_att = "T1059"
        id = "041ce40b-63a8-5a1f-a099-13c174b5f6bc"
    strings:
        $open = /(<Files[^>\r\n]{1,30}\.?htaccess[^>\r\n]{0,8}>|<Files[^>\r\n]{1,30}\.ht|<FilesMatch[^>\r\n]{1,30}(htaccess|\.ht)|Require all granted|Allow from all)/ nocase
        $map = /(AddType|AddHandler|SetHandler|ForceType|SetOutputFilter|AddOutputFilter)\s{1,8}(["']?application\/x-httpd|server-parsed|cgi-script|perl-script|python-program|php\d?-script|text\/html|mod_python|lua-script|["']?proxy:|INCLUDES|mono|caucho|ruby|x-mapp-php|embperl|text\/x-component)/ nocase
        $code = /(# <\?|#<\?=|#<\?php|#[^\r\n]{0,40}(<!--#exec|<!--#include|<%@ |<%! |<script|<\?php|<&\| |\[- \$|\[\+ \$)|\\\r?\n[^\r\n]{0,40}(system|passthru|eval|exec)\(|#!\/bin\/|#!\/usr\/|python(handler|path|-path)|perl(response|re)?handler|rubyhandler|use (apache|strict)|\bsystem\(|passthru\(|popen\(|getRuntime|Process\.Start)/ nocase
        $self = /\.htaccess|\\\.ht/ nocase
    condition:
        filesize < 20KB
        and $self
        and $open
        and $map
        and $code
}

rule WEBSHELL_Config_Htaccess_Interpreter_Directive {
    meta:
        description = "Detects per-directory settings that load interpreters or libraries from a writable place or run commands (CGI by extension, mod_python, mod_perl, Lua, pipes, SSLEngine tricks)"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://httpd.apache.org/docs/2.4/mod/"
        mitre_att = "T1505.003"
        mitre_att = "T1546"
        id = "247512a5-e92b-5d9b-b33d-8e09fd200583"
    strings:
        $a = /(PythonHandler|PythonInterpreter|PerlResponseHandler|PerlHandler|PerlSetVar\s{1,4}Mason|LuaHookTranslateName|LuaMapHandler|LuaQuickHandler|RubyHandler|RubyRequire|TclHandler|suPHP_ConfigPath|MonoExecutablePath|MonoSetEnv|AuthRemote(URL|Server)|caucho-request|EmbperlHandler|SetHandler\s{1,4}mono)\b/ nocase
        $b = /(AddHandler|SetHandler|AddType)\s{1,8}(cgi-script|fcgid-script|["']?application\/x-httpd-cgi)["']?(\s{1,8}\.?(\w{1,4}))?\s{0,4}(\r|\n|$)/ nocase
        $opt = /Options\s{1,4}[^\r\n]{0,30}\+?ExecCGI/ nocase
        $sh = /cgi-script["']?\s{1,8}\.(sh|alfa|cin|izo|izri|jpe?g|gif|txt|dz|root|ccx|w4l|sa|haxplorer|idx)\b/ nocase
        $c = /(ErrorLog|CustomLog|TransferLog|RewriteMap|ScriptLog)\s{1,4}(["']\||["']?prg:|\w{1,12}\s{1,4}["']?prg:)/ nocase
        $d = /php_(value|flag|admin_value)\s{1,4}(unserialize_callback_func|auto_prepend_file|highlight\.\w{1,8}|error_log|error_prepend_string|include_path|disable_functions|allow_url_include|engine)\s{1,4}["']?(system|exec|eval|<\?|\.\w{1,20}|\/tmp|\+ADw|none|1|on\b|["'])/ nocase
        $fp1 = /<VirtualHost|<Directory|<Location|\nAlias|<\?php|=head1|LoadModule/
    condition:
        filesize < 8KB
        and (any of ($a, $c, $d, $sh) or ($b and $opt))
        and not $fp1
}

rule WEBSHELL_Config_Htaccess_Only_Shell_Names {
    meta:
        description = "Detects .htaccess files of intruders that close all scripts of a folder but a few of their own names, or name known shell files"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        id = "aa1f22d3-0ea6-532c-88df-25251139df3e"
    strings:
        $deny = /<FilesMatch\s{1,4}["']?[^>\r\n]{0,6}\.?\(?(\.?\*?\\?\.)?\(?[^>\r\n]{0,60}(py|exe|phtml|php|PHP|Php)[^>\r\n]{0,120}>\s{0,6}(Order\s(allow,\s?deny|deny,\s?allow)\s{0,6})?(Deny from all|Require all denied)/ nocase
        $allow = /<FilesMatch\s{1,4}["']?\^\(?[^>\r\n]{0,200}(wp-l0gin|lock360|radio|about|content|wp-conflg|wp-the|admin|lufix|shell|alfa|mini|up|1index|file|moduless|simple|text|defau1t|wso|index)\d{0,3}(\\)?\.php[^>\r\n]{0,300}>\s{0,6}(Order\s(allow,\s?deny|deny,\s?allow)\s{0,6})?(Allow from all|Require all granted)/ nocase
        $suf = /(phtml|php5|suspected|pHp|PHP|Php|php7|PhP|phP)\|/
    condition:
        filesize < 8KB
        and $deny
        and $allow
        and $suf
}

rule WEBSHELL_Config_Htaccess_Search_Redirect {
    meta:
        description = "Detects rewrite rules that send visitors from search engines or phones to a foreign address, or feed crawlers with another script"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 75
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://httpd.apache.org/docs/2.4/mod/mod_rewrite.html"
        mitre_att = "T1505.003"
        id = "7d825a03-7f2c-5a82-ae48-954a9ee4dc23"
    strings:
        $ref = /RewriteCond\s{1,4}%\{HTTP_REFERER\}\s{1,4}[^\r\n]{0,40}(google|bing|yahoo|yandex|ask\\?\.|aol|msn|facebook|baidu)[^\r\n]{0,200}\[[^\]]{0,12}(NC|OR)/ nocase
        $ua = /RewriteCond\s{1,4}%\{HTTP_USER_AGENT\}\s{1,4}[^\r\n]{0,60}(googlebot|android|midp|iphone|google\||baiduspider|bingbot|bot\|)/ nocase
        $out = /RewriteRule\s{1,4}\S{1,40}\s{1,4}["']?https?:\/\/[a-z0-9][^\s%]{3,80}\s{0,4}\[[^\]]{0,20}(R|L)/ nocase
        $php = /RewriteRule\s{1,4}\S{1,40}\s{1,4}\/?[\w\/.-]{1,60}\.php\?\w{1,12}=[^\s]{0,30}(%\{|\$1)[^\r\n]{0,40}\[L/ nocase
    condition:
        filesize < 40KB
        and (($ref and $out) or ($ua and ($out or $php) and filesize < 8KB))
}

rule WEBSHELL_Config_User_Ini_Program {
    meta:
        description = "Detects .user.ini and php.ini files in web folders that load code from disguised files, permit remote inclusion or undo all restrictions"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://www.php.net/manual/en/configuration.file.per-user.php"
        mitre_att = "T1505.003"
        mitre_att = "T1546"
        id = "89961e57-78d3-5e0d-8f2c-e6b363eb9634"
    strings:
        $a = /(^|\n)\s{0,4}auto_(prepend|append)_file\s?=\s?["']?[^\r\n]{1,80}/ nocase
        $odd = /auto_(prepend|append)_file\s?=\s?["']?(\.{0,2}\/)?[\w.\/-]{0,60}(\.(jpe?g|gif|png|txt|ico|bmp|pdf|tmp|log|dat|xml|css|zip)|\/tmp\/\S{1,40}|\/dev\/shm\/\S{1,40})["']?\s{0,4}(\r|\n|$)/ nocase
        $b = /(^|\n)\s{0,4}disable_functions\s?=\s?(none|["']{2}|\r|\n|$)/ nocase
        $c = /(^|\n)\s{0,4}(safe_mode|suhosin\.executor\.func\.blacklist|open_basedir|safe_mode_gid)\s?=\s?(off|none|on|\r|\n|$)/ nocase
        $d = /(^|\n)\s{0,4}allow_url_include\s?=\s?["']?(on|1)/ nocase
    condition:
        filesize < 4KB
        and (($a and $odd) or ($b and $c) or ($d and ($b or $c)))
}

rule WEBSHELL_Config_Webconfig_Module {
    meta:
        description = "Detects web.config files below a site that add a module or handler from an unsigned assembly or load code from the folder itself"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        reference = "https://learn.microsoft.com/en-us/iis/configuration/system.webserver/"
        mitre_att = "T1505.004"
        id = "b80ea7e9-7e6f-5d0a-abaf-9fd4fabdab81"
    strings:
        $cfg = /<system\.webServer/ nocase
        $mod = /<modules[^>]{0,80}runAllManagedModulesForAllRequests[^>]{0,40}>\s{0,8}(<remove[^>]{0,80}>\s{0,8})?<add\s[^>]{0,80}type\s?=\s?["'][\w.]{1,40}\s{0,2}(,\s?[\w.]{1,40})?["'][^>]{0,40}\/>\s{0,8}<\/modules>/ nocase
        $run = /(Process\.Start|ProcessStartInfo|Request\s?[\[(.]|eval\s?\(|System\.Reflection\.Assembly|WScript\.Shell|cmd\.exe)/
        $asp = "<%"
        $double = /fileExtension\s?=\s?["']\.config["'][^>]{0,40}allowed\s?=\s?["']true/ nocase
        $hid = /<remove\s{1,4}segment\s?=\s?["']web\.config/ nocase
        $trust = /<clear\s?\/>\s{0,8}<add[^>]{0,60}verb\s?=\s?["']\*["'][^>]{0,60}path\s?=\s?["']\*["']|requestValidationMode|path\s?=\s?["']web\.config["']/ nocase
        $script = /<script[^>]{0,40}runat/ nocase
    condition:
        filesize < 100KB
        and $cfg
        and ((any of ($asp, $script) and $run) or ($hid and ($double or $trust)) or ($mod and $run))
}

rule WEBSHELL_Config_Nginx_Php_Everywhere {
    meta:
        description = "Detects web-server and FastCGI settings that hand pictures or text to an interpreter or run commands from the configuration"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 70
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://nginx.org/en/docs/http/ngx_http_fastcgi_module.html"
        mitre_att = "T1505.003"
        mitre_att = "T1546"
        id = "55cf0511-d567-5347-ac61-01693cd56205"
    strings:
        $a = /location\s{1,3}~\*?\s{1,3}\\?\.?\(?[^{\r\n]{0,30}(jpe?g|png|gif|txt|ico|css)[^{\r\n]{0,30}\{[^}]{0,200}fastcgi_pass/ nocase
        $b = /content_by_lua(_block)?\s{0,3}[{'"][^}]{0,300}(io\.popen|os\.execute|loadstring\s?\()/ nocase
        $c = /security\.limit_extensions\s?=[^\r\n]{0,40}\.(jpe?g|png|gif|txt)/ nocase
        $d = /ngx\.req\.get_(uri|post)_args\s?\([^;]{0,200}(io\.popen|os\.execute|loadstring)/
    condition:
        filesize < 60KB
        and any of them
}

rule SUSP_Config_Htaccess_Scripts_Hidden {
    meta:
        description = "Detects .htaccess files that disguise scripts as documents (extension without meaning mapped to PHP) or switch off logs and protection modules"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1564/"
        reference = "https://httpd.apache.org/docs/2.4/mod/mod_mime.html"
        mitre_att = "T1564"
        id = "26647012-8913-53fc-bdf9-f2911fca8b68"
    strings:
        $a = /AddType\s{1,8}["']?application\/x-httpd-php\d?["']?\s{1,8}\.?(fla|haxor|shell|alfa|mp3|mp4|doc|pdf|xyz|htc|dat|bak|old|swf|wav|jpg\w|test|l33t|hack|black|evil)\b/ nocase
        $b = /<IfModule\s{1,3}mod_security2?\.c>\s{0,8}Sec(Filter|Rule)Engine\s{1,3}Off\s{1,8}(SecFilterScanPOST\s{1,3}Off)?/ nocase
        $c = /SecFilterEngine\s{1,3}Off/ nocase
        $own = /(Options all|Options \+all|Options FollowSymLinks|Options \+FollowSymLinks|Options Indexes|Options \+Indexes|DirectoryIndex\s{1,3}\w{1,12}\.(txt|alfa|php)|AddHandler|php_flag)/ nocase
        $plain = /Add(Type|Handler)\s{1,4}(txt|text\/plain|server-parsed|text\/html)\s{1,4}\.?(php|phtml|cgi|pl)\b/ nocase
    condition:
        filesize < 8KB
        and ($a or (any of ($b, $c, $plain) and $own))
}

rule SUSP_Config_Htaccess_Server_Status {
    meta:
        description = "Detects short per-directory files that show state and settings of the server to every visitor, as reconnaissance by a planted .htaccess does"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.0"
        score = 60
        reference = "https://attack.mitre.org/techniques/T1592/"
        reference = "https://httpd.apache.org/docs/2.4/mod/mod_status.html"
        mitre_att = "T1592"
        id = "95e8ef8f-4f40-5654-a8a2-c4bd45fcc81c"
    strings:
        $a = /SetHandler\s{1,8}["']?(server-info|server-status|ldap-status|caucho-status|perl-status|clamav|balancer-manager)/ nocase
        $own = /(<Files|\.htaccess|AddType|ForceType|Allow from all|Require all granted|php_value)/ nocase
        $fp1 = /(<Location|<VirtualHost|LoadModule|<Directory|a2enmod|httpd\.conf)/ nocase
    condition:
        filesize < 4KB
        and $a
        and ($own or filesize < 500)
        and not $fp1
}

rule SUSP_Config_Htaccess_All_Programs {
    meta:
        description = "Detects per-directory files of one or two lines that make every file of a folder a program, whatever its name, as beside disguised scripts"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        reference = "https://httpd.apache.org/docs/2.4/mod/core.html"
        mitre_att = "T1505.003"
        mitre_att = "T1036.008"
        id = "196c43ac-c202-51a8-bd3a-74c8ff64cea3"
    strings:
        $all = /(SetHandler|ForceType)\s{1,8}["']?(application\/x-httpd-php|cgi-script|php\d?-script|server-parsed|application\/x-httpd-cgi)/ nocase
        $fp1 = /(<Files|<IfModule|<IfDefine|<Location|<Directory|ScriptAlias)/ nocase
    condition:
        filesize < 300
        and $all
        and not $fp1
}
