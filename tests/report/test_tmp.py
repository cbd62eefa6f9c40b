def test_x(results, unverified):
    import time
    from mesocast.report.page import write_report

    for r in (results, unverified):
        t = time.time()
        write_report(r.campaign, r.folder)
        print(r.folder, time.time() - t)
