// swift-tools-version: 6.1
//
// The targets, in the order in which data flows through them. A target depends only on targets above
// it; Tests/ArchitectureTests holds this file to that. `docs/ARCHITECTURE.md` says what each one is.

import PackageDescription

/// Where libtorch is: `LIBTORCH=/path/to/libtorch` (the folder that holds `include` and `lib`), or the
/// copy that `make setup` unpacks beside this file.
let libtorch =
  Context.environment["LIBTORCH"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(Context.packageDirectory)/.libtorch"

let houseStyle: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

func library(_ name: String, on dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: houseStyle)
}

func tests(_ name: String, of dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: houseStyle)
}

let package = Package(
  name: "isda",
  products: [
    .executable(name: "isda", targets: ["Command"]),
    // Everything from images to results, and what needs no libtorch: results to pictures.
    .library(
      name: "SemanticDirections",
      targets: ["Storage", "Torch", "Images", "Networks", "ClassStatistics", "ISDA", "Results", "Training", "Analysis"]),
    .library(name: "SemanticFigures", targets: ["Storage", "Raster", "Canvas", "Portraits", "Results", "Figures"]),
    .library(name: "SemanticComparison", targets: ["Storage", "Results", "Studies", "Comparison"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/jpsim/Yams.git", from: "6.0.0"),
  ],
  targets: [
    // C and C++ behind small interfaces.
    .target(
      name: "CTorch",
      // Loops over memory without -O2 are a hundred times slower, too slow for tests that train.
      cxxSettings: [.unsafeFlags(["-isystem", "\(libtorch)/include", "-Wall", "-O2"])],
      linkerSettings: [
        .unsafeFlags(["-L\(libtorch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib"]),
        .linkedLibrary("torch_cpu"), .linkedLibrary("c10"), .linkedLibrary("stdc++"),
      ]),
    .systemLibrary(name: "CCairo", pkgConfig: "cairo-ft", providers: [.apt(["libcairo2-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CFonts", dependencies: ["CCairo"]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png")]),
    .target(name: "CBoostMath", linkerSettings: [.linkedLibrary("stdc++")]),

    // Values and files.
    library("Storage", on: ["CCrypto"]),
    library("Torch", on: ["CTorch"]),
    library("Raster", on: ["CPNG", "Storage"]),
    library("Canvas", on: ["CCairo", "CFonts", "Raster", "Storage"]),

    // Images to features to directions.
    library("Portraits", on: ["Raster", "Canvas"]),
    library("Images", on: ["Storage", "Torch", "Raster", "Portraits"]),
    library("Networks", on: ["Storage", "Torch", "Images"]),
    library("ClassStatistics", on: ["Torch"]),
    library("ISDA", on: ["Torch", "ClassStatistics"]),
    library("Results", on: ["Storage"]),
    library("Training", on: ["Storage", "Torch", "Images", "Networks", "ClassStatistics", "ISDA", "Results"]),
    library(
      "Analysis",
      on: ["Storage", "Torch", "Images", "Networks", "ClassStatistics", "ISDA", "Results", "Training"]),
    library("Studies", on: ["Storage", "Results", .product(name: "Yams", package: "Yams")]),
    library("Comparison", on: ["CBoostMath", "Storage", "Results"]),
    library("Figures", on: ["Storage", "Raster", "Canvas", "Results"]),
    .executableTarget(
      name: "Command",
      dependencies: [
        "Storage", "Torch", "Raster", "Canvas", "Portraits", "Images", "Networks", "ClassStatistics", "Results",
        "Training", "Analysis", "Studies", "Comparison", "Figures",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: houseStyle),

    // Tests, in the same order. `TestSupport` holds what several of them share.
    .target(name: "TestSupport", dependencies: ["Torch"], path: "Tests/TestSupport", swiftSettings: houseStyle),
    tests("ArchitectureTests", of: []),
    tests("StorageTests", of: ["Storage"]),
    tests("TorchTests", of: ["CTorch", "Torch", "TestSupport"], resources: [.copy("Fixtures")]),
    tests("RasterTests", of: ["Raster", "Storage"]),
    tests("CanvasTests", of: ["Canvas", "Raster"]),
    tests("PortraitsTests", of: ["Portraits", "Raster"], resources: [.copy("Fixtures")]),
    tests(
      "ImagesTests", of: ["Images", "Raster", "Storage", "Torch", "TestSupport"], resources: [.copy("Fixtures")]),
    tests(
      "NetworksTests", of: ["Networks", "Images", "Storage", "Torch", "TestSupport"], resources: [.copy("Fixtures")]),
    tests("ClassStatisticsTests", of: ["ClassStatistics", "Torch", "TestSupport"], resources: [.copy("Fixtures")]),
    tests("ISDATests", of: ["ISDA", "ClassStatistics", "Torch", "TestSupport"], resources: [.copy("Fixtures")]),
    tests("ResultsTests", of: ["Results", "Storage"]),
    tests("TrainingTests", of: ["Training", "Images", "Networks", "Results", "Storage", "Torch", "TestSupport"]),
    tests(
      "AnalysisTests",
      of: [
        "Analysis", "ClassStatistics", "ISDA", "Images", "Networks", "Results", "Storage", "Torch", "Training",
        "TestSupport",
      ], resources: [.copy("Fixtures")]),
    tests("StudiesTests", of: ["Studies", "Results", "Storage"]),
    tests("ComparisonTests", of: ["Comparison", "Results", "Storage"], resources: [.copy("Fixtures")]),
    tests("FiguresTests", of: ["Figures", "Canvas", "Raster", "Results", "Storage"], resources: [.copy("Fixtures")]),
    tests("CommandTests", of: ["Command", "Portraits", "Raster", "Results", "Storage"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c17,
  cxxLanguageStandard: .cxx17
)
