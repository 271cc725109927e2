// swift-tools-version: 6.2

import PackageDescription

/// Every target of ours: Swift 6 language mode, explicit existentials and imports, no warnings.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioTestUtils = Target.Dependency.product(name: "NIOTestUtils", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let metricsTestKit = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let swiftASN1 = Target.Dependency.product(name: "SwiftASN1", package: "swift-asn1")
let x509 = Target.Dependency.product(name: "X509", package: "swift-certificates")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "pailou",
    products: [
        .executable(name: "pailou", targets: ["pailou"]),
        .executable(name: "benchmarks", targets: ["benchmarks"]),
        .library(name: "RPC", targets: ["RPC"]),
        .library(name: "ServiceContracts", targets: ["ServiceContracts"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.3.0"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.15.0"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // C libraries: headers and shims only, each behind one Swift module.
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CDiskSpace"),
        .systemLibrary(name: "CXLSXWriter", providers: [.apt(["libxlsxwriter-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CMinizip", providers: [.apt(["libminizip-dev"])]),
        .systemLibrary(name: "CZip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CPostgreSQL", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),

        // Leaves: no target of ours below them but the C faces.
        .target(name: "BlockingThreads", swiftSettings: strict),
        .target(name: "Secrets", dependencies: [crypto], swiftSettings: strict),
        .target(name: "JSONBytes", swiftSettings: strict),
        .target(name: "HTTPFetch", dependencies: ["CCurl"], swiftSettings: strict),
        .target(name: "S3Client", dependencies: ["HTTPFetch", crypto, nioPosix], swiftSettings: strict),
        .target(name: "XAPI", dependencies: ["HTTPFetch", "JSONBytes"], swiftSettings: strict),
        .target(
            name: "Artifacts", dependencies: ["HTTPFetch", "S3Client", crypto, nioCore, nioPosix], swiftSettings: strict
        ),
        .target(
            name: "Spreadsheet",
            dependencies: ["BlockingThreads", "CISAL", "CMinizip", "CXLSXWriter", "CZip", "CZlib", "JSONBytes"],
            swiftSettings: strict),
        .target(name: "PostgreSQLClient", dependencies: ["BlockingThreads", "CPostgreSQL"], swiftSettings: strict),
        .target(name: "Database", swiftSettings: strict),
        .target(
            name: "ProtocolDocuments",
            path: "protocol",
            exclude: ["README.md", "CHANGELOG.md", "rest/README.md", "vectors"],
            sources: ["ProtocolDocuments.swift"],
            resources: [
                .embedInCode("rest/export.yaml"), .embedInCode("rest/scrape.yaml"), .embedInCode("rpc/demo.json"),
                .embedInCode("rpc/export.json"), .embedInCode("rpc/scrape.json"),
            ],
            swiftSettings: strict),

        // The wire.
        .target(
            name: "RPC",
            dependencies: [
                "JSONBytes", coreMetrics, crypto, nioCore, nioPosix, nioSSL, nioTLS, logging,
                serviceLifecycle, swiftASN1, x509,
            ],
            swiftSettings: strict),
        .target(name: "ServiceContracts", dependencies: ["RPC"], swiftSettings: strict),

        // Stores and jobs.
        .target(
            name: "DatabaseSQLite", dependencies: ["BlockingThreads", "CDiskSpace", "Database", grdb, logging],
            swiftSettings: strict),
        .target(
            name: "DatabasePostgreSQL", dependencies: ["BlockingThreads", "Database", "PostgreSQLClient", logging],
            swiftSettings: strict),
        .target(name: "DatabaseTesting", dependencies: ["Database"], swiftSettings: strict),
        .target(
            name: "JobQueue", dependencies: ["Database", crypto, logging, metrics, serviceLifecycle],
            swiftSettings: strict),

        // Processes and services.
        .target(
            name: "ServiceRuntime",
            dependencies: [
                "JSONBytes", configuration, coreMetrics, logging, serviceLifecycle, systemPackage, unixSignals, yams,
            ],
            swiftSettings: strict),
        .target(name: "StoreFaults", dependencies: ["Database", "RPC"], swiftSettings: strict),
        .target(
            name: "Idempotency", dependencies: ["Database", "RPC", crypto, nioCore], swiftSettings: strict),
        .target(
            name: "Callbacks",
            dependencies: ["Database", "HTTPFetch", "JobQueue", "RPC", "ServiceContracts", nioCore],
            swiftSettings: strict),
        .target(
            name: "JobAdmin", dependencies: ["Database", "JobQueue", "RPC", "ServiceContracts", nioCore],
            swiftSettings: strict),
        .target(
            name: "ExportService",
            dependencies: [
                "Artifacts", "Callbacks", "Database", "HTTPFetch", "Idempotency", "JobAdmin", "JobQueue", "JSONBytes",
                "BlockingThreads", "ProtocolDocuments", "RPC", "Secrets", "ServiceContracts", "Spreadsheet",
                "StoreFaults",
                crypto, logging, metrics, nioCore, nioPosix, serviceLifecycle, yams,
            ],
            swiftSettings: strict),
        .target(
            name: "ScrapeService",
            dependencies: [
                "Artifacts", "BlockingThreads", "Callbacks", "Database", "HTTPFetch", "Idempotency", "JobAdmin",
                "JobQueue",
                "JSONBytes", "ProtocolDocuments", "RPC", "Secrets", "ServiceContracts", "Spreadsheet", "StoreFaults",
                "XAPI", crypto,
                logging, nioCore, serviceLifecycle,
            ],
            swiftSettings: strict),
        .target(
            name: "DemoService", dependencies: ["JSONBytes", "ProtocolDocuments", "RPC", nioCore],
            swiftSettings: strict),
        .target(
            name: "Gateway",
            dependencies: [
                "CZlib", "JSONBytes", "RPC", coreMetrics, jwtKit, logging, metrics, nioCore, nioHTTP1, nioPosix,
                serviceLifecycle, yams,
            ],
            swiftSettings: strict),

        // Programs.
        .executableTarget(
            name: "pailou",
            dependencies: [
                "Artifacts", "Database", "DatabasePostgreSQL", "DatabaseSQLite", "DemoService", "ExportService",
                "Gateway",
                "HTTPFetch",
                "JobQueue", "JSONBytes", "PostgreSQLClient", "ProtocolDocuments", "RPC", "S3Client", "ScrapeService",
                "ServiceContracts",
                "ServiceRuntime", "Spreadsheet", "XAPI",
                argumentParser, coreMetrics, logging, nioCore, nioPosix, serviceLifecycle,
            ],
            exclude: ["README.md"],
            swiftSettings: strict),
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "Artifacts", "CXLSXWriter", "Database", "DatabasePostgreSQL", "DatabaseSQLite", "HTTPFetch", "JobQueue",
                "RPC", "S3Client", "Spreadsheet", "TestSupport",
                argumentParser, coreMetrics, logging, nioCore, nioHTTP1, nioPosix,
            ],
            exclude: ["README.md"],
            swiftSettings: strict),

        // The client of other people's programs, as a reader would use it: nothing here may see what is not public.
        .executableTarget(
            name: "samples", dependencies: ["RPC", "ServiceContracts", argumentParser, logging, nioCore, nioPosix],
            path: "clients/swift/samples", packageAccess: false, swiftSettings: strict),

        // What must hold for any octets; the tests try a corpus, `make fuzz` searches for more.
        .target(
            name: "FuzzTargets",
            dependencies: ["Gateway", "JSONBytes", "ProtocolDocuments", "RPC", nioCore],
            swiftSettings: strict),

        // Tests: real servers on port 0.
        .target(
            name: "TestSupport", dependencies: ["JSONBytes", nioCore, nioHTTP1, nioPosix],
            exclude: ["Stores/moto_store.py"],
            swiftSettings: strict),
        .target(name: "PostgreSQLTesting", dependencies: ["TestSupport"], swiftSettings: strict),
        .target(
            name: "StoreTesting",
            dependencies: [
                "Database", "DatabasePostgreSQL", "DatabaseSQLite", "PostgreSQLTesting", "TestSupport", logging,
            ],
            swiftSettings: strict),
        .testTarget(name: "JSONBytesTests", dependencies: ["JSONBytes"], swiftSettings: strict),
        .testTarget(
            name: "RPCTests",
            dependencies: [
                "DemoService", "JSONBytes", "ProtocolDocuments", "RPC", "TestSupport",
                coreMetrics, logging, metricsTestKit, nioCore, nioEmbedded, nioPosix, nioTestUtils,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport"], exclude: ["Corpus", "README.md"],
            swiftSettings: strict),
        .testTarget(
            name: "HTTPFetchTests", dependencies: ["HTTPFetch", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "S3ClientTests",
            dependencies: ["HTTPFetch", "JSONBytes", "S3Client", "TestSupport"],
            exclude: ["botocore_signatures.py"], swiftSettings: strict),
        .testTarget(
            name: "XAPITests", dependencies: ["HTTPFetch", "JSONBytes", "TestSupport", "XAPI"],
            exclude: ["page_with_tweepy.py", "validate_answers.py"], swiftSettings: strict),
        .testTarget(
            name: "ScrapeServiceTests",
            dependencies: [
                "Database", "HTTPFetch", "JobQueue", "JSONBytes", "PostgreSQLTesting", "ProtocolDocuments", "RPC",
                "ScrapeService", "Secrets", "ServiceContracts", "StoreTesting", "TestSupport", "XAPI", logging, nioCore,
                nioPosix,
            ],
            exclude: ["Service/compare_tables.py"], swiftSettings: strict),
        .testTarget(name: "SpreadsheetTests", dependencies: ["Spreadsheet", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "DatabaseSQLiteTests",
            dependencies: ["Database", "DatabaseSQLite", "DatabaseTesting", "TestSupport", logging],
            swiftSettings: strict),
        .testTarget(
            name: "BlockingThreadsTests", dependencies: ["BlockingThreads", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "SecretsTests", dependencies: ["Secrets", crypto], swiftSettings: strict),
        .testTarget(name: "DatabaseTests", dependencies: ["Database"], swiftSettings: strict),
        .testTarget(
            name: "DatabasePostgreSQLTests",
            dependencies: [
                "Database", "DatabasePostgreSQL", "DatabaseTesting", "PostgreSQLClient", "PostgreSQLTesting",
                "TestSupport", logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "PostgreSQLClientTests", dependencies: ["PostgreSQLClient", "PostgreSQLTesting", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "JobQueueTests",
            dependencies: [
                "BlockingThreads", "Database", "DatabasePostgreSQL", "DatabaseSQLite", "JobQueue", "PostgreSQLTesting",
                "StoreTesting",
                "TestSupport",
                logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ServiceRuntimeTests", dependencies: ["ServiceRuntime", "TestSupport", coreMetrics, logging],
            swiftSettings: strict),
        .testTarget(
            name: "IdempotencyTests",
            dependencies: [
                "Database", "DatabasePostgreSQL", "DatabaseSQLite", "Idempotency", "PostgreSQLTesting", "RPC",
                "StoreTesting", "TestSupport", logging, nioCore, nioPosix,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ArtifactsTests",
            dependencies: ["Artifacts", "HTTPFetch", "S3Client", "TestSupport", nioCore], swiftSettings: strict),
        .testTarget(
            name: "ExportServiceTests",
            dependencies: [
                "Artifacts", "Database", "DatabasePostgreSQL", "DatabaseSQLite", "ExportService", "HTTPFetch",
                "JobQueue",
                "JSONBytes", "PostgreSQLTesting", "ProtocolDocuments", "RPC", "ServiceContracts", "Spreadsheet",
                "StoreTesting", "TestSupport", logging, nioCore, nioPosix,
            ],
            exclude: ["Service/standard_webhooks.py"], swiftSettings: strict),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "JSONBytes", "ProtocolDocuments", "RPC", "TestSupport",
                logging, nioCore, nioHTTP1, nioPosix,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "SettingsTests",
            dependencies: ["ExportService", "pailou", "ScrapeService", "ServiceRuntime", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["HTTPFetch", "JSONBytes", "pailou", "PostgreSQLTesting", "samples", "TestSupport"],
            exclude: ["Stores/failing_disk.c", "fastapi_judgements.py", "soak_files.py"], swiftSettings: strict),
    ]
)

// `make fuzz`: one more program, and our targets built so that libFuzzer sees where an input leads. Checks that release
// builds leave out, such as the bounds of raw buffers, stay in.
if Context.environment["PAILOU_FUZZ"] != nil {
    let searched: Set = ["FuzzTargets", "Gateway", "JSONBytes", "RPC"]
    for target in package.targets where searched.contains(target.name) {
        target.swiftSettings?.append(.unsafeFlags(["-sanitize=fuzzer", "-assert-config", "Debug"]))
    }
    package.targets += [
        .systemLibrary(name: "CFuzzer"),
        .executableTarget(name: "fuzz", dependencies: ["CFuzzer", "FuzzTargets"], swiftSettings: strict),
    ]
    package.products.append(.executable(name: "fuzz", targets: ["fuzz"]))
}
