// suppress: P016 -- one expression for each spelling of a technique, each with its own rare text

// Configuration files of web servers that turn harmless files into code.

rule WEBSHELL_Config_Htaccess_Handler {
    meta:
        description = "Detects a per-directory Apache file that maps an image, text or unknown extension to the PHP or CGI interpreter"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 80
        reference = "https://httpd.apache.org/docs/2.4/mod/mod_mime.html"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1562.001"
        id = "3d961a38-2433-542f-b21e-7ce2e414a015"
    strings:
        $add = /\b(AddType|AddHandler)[ \t]{1,20}["']?(application\/x-httpd-(php|cgi)[\w-]{0,12}|php\d?-?(script|fcgi|cgi)?|cgi-script|server-parsed)["']?[ \t]{1,20}[^\r\n#]{0,60}\.?(jpe?g|gif|png|bmp|ico|txt|css|js|htaccess|log|svg|webp|xxx|pdf|zip|abc|haha|shell)\b/ nocase
        $set = /<Files(Match)?[ \t]{1,8}["'~]?[^>\r\n]{1,60}(jpe?g|gif|png|bmp|ico|txt|css|svg|htaccess|\.ht|webp|log)[^>\r\n]{0,20}>[^<]{0,120}(SetHandler|ForceType)[ \t]{1,8}["']?(application\/x-httpd-php|proxy:(unix|fcgi):)/ nocase
        $self = /<Files(Match)?[ \t]{1,8}["'~^ ]{0,6}\\?\.ht[^>\r\n]{0,20}>[^<]{0,300}(Allow from all|Require all granted)/ nocase
        $fp1 = /^\s{0,4}<VirtualHost/ nocase
    condition:
        filesize < 20KB
        and not $fp1
        and any of ($add, $set, $self)
}

rule WEBSHELL_Config_Auto_Prepend {
    meta:
        description = "Detects .user.ini, php.ini or .htaccess settings that prepend a non-PHP file, the request body or inline data to each PHP page"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 85
        reference = "https://www.php.net/manual/en/ini.core.php#ini.auto-prepend-file"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        mitre_att = "T1546"
        id = "29fa5583-134b-5355-bb4e-1aeec6a53eb7"
    strings:
        $a = /(auto_prepend_file|auto_append_file)["']?[ \t]{0,8}[=\s][ \t]{0,8}["']?[^\r\n;"']{0,120}\.(jpe?g|gif|png|bmp|ico|txt|css|js|svg|webp|log|htaccess|ini|dat|tmp|zip|xml|pdf)\b/ nocase
        $b = /(auto_prepend_file|auto_append_file)["']?[ \t]{0,8}[=\s][ \t]{0,8}["']?(php:\/\/input|data:|https?:\/\/|ftp:\/\/|\.htaccess|\/tmp\/|\/dev\/shm\/|\/var\/tmp\/|\/etc\/|\/proc\/|zip:|phar:)/ nocase
    condition:
        filesize < 100KB
        and any of them
}

rule WEBSHELL_Config_Htaccess_Inline_Code {
    meta:
        description = "Detects a per-directory Apache file that carries PHP code of its own, usually behind a comment sign"
        author = "Dragnet"
        date = "2026-11-22"
        version = "1.1"
        score = 90
        reference = "https://httpd.apache.org/docs/2.4/howto/htaccess.html"
        reference = "https://attack.mitre.org/techniques/T1505/003/"
        mitre_att = "T1505.003"
        id = "67ff3ef9-3381-5550-bb8a-b22d1cf6817d"
    strings:
        $dir = /\b(AddType|AddHandler|SetHandler|ForceType|php_value|php_flag|RewriteEngine|Options)\b[ \t]/ nocase
        $code = /<\?(php|=)?[^\r\n]{0,200}(\b(eval|assert|system|passthru|shell_exec|exec|include|move_uploaded_file|base64_decode)[\s@]{0,6}(\/\*[^*]{0,60}\*\/)?[\s@]{0,6}\(|\$_GET|\$_POST|\$_REQUEST|\$_COOKIE|\$_SERVER)/ nocase
        $ht = /(<Files|Allow from|Require all|application\/x-httpd-php|\.htaccess)/ nocase
        $fp1 = /^\s{0,4}<\?php\s/
    condition:
        filesize < 20KB
        and $dir
        and $code
        and $ht
        and not $fp1
}

rule WEBSHELL_Config_Webconfig_Handler {
    meta:
        description = "Detects an IIS web.config that maps another extension to a script engine or carries server-side code in itself"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 85
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        reference = "https://learn.microsoft.com/en-us/iis/configuration/system.webserver/handlers/"
        mitre_att = "T1505.003"
        mitre_att = "T1505.004"
        id = "8859076e-6e77-5e75-b73a-aad82000b916"
    strings:
        $cfg = "<configuration" nocase
        $h1 = /<add[^>]{0,200}path\s?=\s?["']\*\.(config|jpe?g|gif|png|txt|css|js|ico|log|xml|html?|bmp)["'][^>]{0,300}(scriptProcessor|type)\s?=\s?["'][^"']{0,120}(asp\.dll|php-cgi\.exe|cmd\.exe|PageHandlerFactory|SimpleHandlerFactory|aspnet_isapi\.dll)/ nocase
        $h2 = /<add[^>]{0,300}scriptProcessor\s?=\s?["'][^"']{0,120}(cmd\.exe|powershell\.exe|wscript\.exe)/ nocase
        $b1 = /buildProvider|<add\s{1,8}extension\s?=\s?["']\.(config|jpe?g|gif|png|txt)["'][^>]{0,60}PageBuildProvider/ nocase
        $code = /<%[^>]{0,400}\b(eval|execute|executeglobal|createobject|Request\s?[.(\[]|Process)/ nocase
        $unfilter = /<remove\s{1,8}(fileExtension|segment)\s?=\s?["'](\.config|web\.config|hiddenSegments)["']/ nocase
    condition:
        filesize < 100KB
        and $cfg
        and (($h1 and ($unfilter or $code or $b1)) or $h2 or $code)
}

rule SUSP_Config_Webconfig_Script_Mapping {
    meta:
        description = "Detects an IIS web.config that maps image, text or configuration files to a script engine"
        author = "Dragnet"
        date = "2026-11-21"
        version = "1.0"
        score = 65
        reference = "https://attack.mitre.org/techniques/T1505/004/"
        mitre_att = "T1505.003"
        mitre_att = "T1505.004"
        id = "7184ae9c-9240-591a-8ea1-780dc8b86c82"
    strings:
        $cfg = "<configuration" nocase
        $h1 = /<add[^>]{0,200}path\s?=\s?["']\*\.(config|jpe?g|gif|png|txt|ico|log|bmp)["'][^>]{0,300}(scriptProcessor|type)\s?=\s?["'][^"']{0,120}(asp\.dll|php-cgi\.exe|PageHandlerFactory|SimpleHandlerFactory|aspnet_isapi\.dll)/ nocase
    condition:
        filesize < 100KB
        and all of them
}
