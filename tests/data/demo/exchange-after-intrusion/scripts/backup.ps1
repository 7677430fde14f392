$client = New-Object System.Net.WebClient
$client.DownloadFile("https://updates.corp.example/catalog.zip", "$env:TEMP\catalog.zip")
Expand-Archive "$env:TEMP\catalog.zip" -DestinationPath C:\Catalog
$key = [System.Convert]::FromBase64String("c29tZSBzZXR0aW5n")
Get-ChildItem C:\Catalog | Compress-Archive -DestinationPath D:\Backup\catalog.zip
