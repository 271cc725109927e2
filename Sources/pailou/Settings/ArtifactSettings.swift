import Artifacts
import ExportService
import Foundation
import HTTPFetch
import S3Client
import ServiceRuntime

/// Where finished files are kept: a directory, or an S3-compatible store.
enum ArtifactSettings {
    static let place = Setting(
        "export.artifacts", .artifactPlace, default: "",
        "Where finished files are kept: a directory, or s3://BUCKET/PREFIX. Empty: export/artifacts in the data directory."
    )
    static let endpoint = Setting(
        "export.artifactsEndpoint", .endpoint, default: "",
        "The S3-compatible store, such as http://10.0.0.5:9000. Empty: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, else Amazon's."
    )
    static let region = Setting(
        "export.artifactsRegion", .text, default: "",
        "The store's region. Empty: AWS_REGION or AWS_DEFAULT_REGION, else us-east-1.")
    static let credentialsFile = Setting(
        "export.artifactsCredentialsFile", .text, default: "",
        "A file like ~/.aws/credentials, read again when it changes. Empty: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN."
    )
    static let profile = Setting(
        "export.artifactsProfile", .text, default: "default", "The section of export.artifactsCredentialsFile.")
    static let addressing = Setting(
        "export.artifactsAddressing", .oneOf(["auto", "path", "host"]), default: "auto",
        "The bucket in the path or in the host's name; auto: in the path where an endpoint is given.")
    static let authority = Setting(
        "export.artifactsAuthority", .text, default: "",
        "Authorities (PEM) of the store's certificate. Empty: those of the system.")
    static let partBytes = Setting(
        "export.artifactsPartBytes", .bytes((5 << 20)...(1 << 30)), default: 8 << 20,
        "Octets of one part of an upload to the store.")
    static let links = Setting(
        "export.artifactsLinks", .boolean, default: false,
        "down_url leads to the S3-compatible store itself, by a presigned link that works for export.linkDuration, a week at most."
    )

    static let webServer = Setting(
        "export.artifactsURL", .text, default: "",
        "Where a web server of yours has the directory of finished files, such as https://files.example/exports. down_url leads there then, for export.linkDuration, signed with export.linkKeyFile's key as nginx's secure_link takes it. Empty: to the façade."
    )

    static let all: [any AnySetting] = [
        place, endpoint, region, credentialsFile, profile, addressing, authority, partBytes, links, webServer,
    ]

    /// The store that the settings name.
    ///
    /// - Parameters:
    ///   - directory: Where files are kept if they name none.
    ///   - dataDirectory: The service's own.
    static func store(
        _ settings: Settings, directory: String, dataDirectory: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> any ArtifactStore {
        let text = settings[place]
        guard let location = S3Location(text) else {
            let links = try directoryLinks(settings, dataDirectory)
            return DirectoryArtifactStore(directory: text.isEmpty ? directory : text, links: links)
        }
        guard settings[webServer].isEmpty else {
            throw SettingsError("\(webServer.key): a web server has directories, and export.artifacts is \"\(text)\"")
        }
        do {
            return try s3(location, settings, environment)
        } catch let error as S3CredentialError {
            throw SettingsError("export.artifacts is \"\(text)\", but its credentials cannot be used: \(error)")
        } catch let error as HTTPFetchError {
            throw SettingsError("export.artifacts is \"\(text)\", but it cannot be used: \(error)")
        }
    }

    private static func directoryLinks(_ settings: Settings, _ dataDirectory: String) throws -> DirectoryLinks? {
        let url = settings[webServer]
        guard !url.isEmpty else { return nil }
        let key = try SecretFile.load(ExportSettings.linkKeyFile, settings, orMakeAt: dataDirectory + "/link.key")
        guard let links = DirectoryLinks(base: url, key: key, now: { WallClock.seconds() }) else {
            throw SettingsError(
                "\(webServer.key): expected a URL such as https://files.example/exports, found \"\(url)\"")
        }
        return links
    }

    private static func s3(
        _ location: S3Location, _ settings: Settings, _ environment: [String: String]
    ) throws -> S3ArtifactStore {
        func first(_ setting: Setting<String>, _ names: String...) -> String? {
            ([settings[setting]] + names.map { environment[$0] ?? "" }).first { !$0.isEmpty }
        }
        let region = first(region, "AWS_REGION", "AWS_DEFAULT_REGION") ?? "us-east-1"
        let endpoint = first(endpoint, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
        let url = try FetchURL(parsing: endpoint ?? "https://s3.\(region).amazonaws.com")
        let usesPath = settings[addressing] == "auto" ? endpoint != nil : settings[addressing] == "path"
        var configuration = S3Configuration(
            endpoint: url.origin, region: region, bucket: location.bucket, usesPathStyle: usesPath)
        configuration.partBytes = settings[partBytes]
        var options = S3ArtifactStore.Options()
        options.prefix = location.prefix
        options.givesLinks = settings[links]
        var transport = CurlFetcherOptions()
        transport.certificateAuthorityFile = settings.path(authority)
        let client = S3Client(
            configuration: configuration, credentials: try credentials(settings, environment),
            http: try CurlFetcher(options: transport))
        return S3ArtifactStore(client: client, options: options)
    }

    private static func credentials(
        _ settings: Settings, _ environment: [String: String]
    ) throws(S3CredentialError) -> S3CredentialSource {
        if let file = settings.path(credentialsFile) {
            return try S3CredentialSource(file: file, profile: settings[profile])
        }
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        guard let access = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY") else {
            throw S3CredentialError(
                "expected export.artifactsCredentialsFile, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        }
        return S3CredentialSource(
            S3Credentials(accessKey: access, secretKey: secret, sessionToken: value("AWS_SESSION_TOKEN")))
    }
}

/// `s3://BUCKET/PREFIX`.
struct S3Location: Equatable {
    let bucket: String
    /// Empty, or ending in a slash.
    let prefix: String

    /// nil when the text is not of that form. Names are of characters that every store, proxy and URL leaves as they are.
    init?(_ text: String) {
        guard text.hasPrefix("s3://") else { return nil }
        var parts = text.dropFirst(5).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if parts.count > 1, parts.last == "" { parts.removeLast() }
        guard let bucket = parts.first, (3...255).contains(bucket.utf8.count), parts.allSatisfy(Self.isName) else {
            return nil
        }
        self.bucket = bucket
        prefix = parts.dropFirst().map { $0 + "/" }.joined()
    }

    private static func isName(_ part: String) -> Bool {
        let allowed = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.".utf8)
        return !part.isEmpty && part != "." && part != ".." && part.utf8.allSatisfy(allowed.contains)
    }
}

extension SettingForm where Value == String {
    /// A directory, or an S3 location.
    fileprivate static var artifactPlace: Self {
        Self(
            allowed: "a directory, or s3://BUCKET/PREFIX of letters, digits, - _ and .",
            parse: { $0.contains("://") && S3Location($0) == nil ? nil : $0 }, print: { $0 })
    }

    /// Scheme, host and port.
    fileprivate static var endpoint: Self {
        Self(
            allowed: "http:// or https://, a host, and a port if it is not the usual one",
            parse: { text in
                guard !text.isEmpty else { return "" }
                guard let url = try? FetchURL(parsing: text), url.text == url.origin + "/" else { return nil }
                return url.origin
            }, print: { $0 })
    }
}
