// swift-tools-version: 6.1
//
// The benchmarks: a package of their own, so that nobody who uses or tests the library builds them. `make bench`
// beside the library's Makefile builds and runs it.

import PackageDescription

let package = Package(
  name: "isda-benchmarks",
  products: [.executable(name: "isda-bench", targets: ["Bench"])],
  dependencies: [
    .package(name: "isda", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
  ],
  targets: [
    .executableTarget(
      name: "Bench",
      dependencies: [
        .product(name: "SemanticDirections", package: "isda"),
        .product(name: "SemanticFigures", package: "isda"),
        .product(name: "SemanticExploration", package: "isda"),
        .product(name: "SemanticComparison", package: "isda"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
